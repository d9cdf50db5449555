import type { Frame } from '@millrace/contracts/jobs'
import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { followLog } from './follow-log.ts'
import { LiveFrames } from './live-frames.ts'
import { LogKeys } from './log-keys.ts'
import { logLifetimes } from './log-lifetimes.ts'
import { LogMissingError } from './log-missing-error.ts'
import { type LogPage, readPage, readPages } from './read-page.ts'
import { asClientFailure, isOutage } from './redis-outage.ts'

const openLog = new LuaScript(new URL('./open-log.lua', import.meta.url))

export type DeltaLogReaderOptions = {
  /** A connection with the producer role: it fails fast. The caller closes it. */
  redis: Redis
  /** A connection for subscriptions only; it may be shared with other subscribers. The caller closes it. */
  subscriber: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
  /** How long a log lives after its end, in milliseconds. */
  ttlMs: number
  /** Names this process's delivery channel; unique among all replicas. Letters, digits, `_` and `-`. */
  replicaId: string
  /** After how much silence the stream is checked for lost messages, in milliseconds; 2000 when unset. */
  silenceMs?: number
}

export type ReadOptions = {
  /** The last frame the reader has already, as `Last-Event-ID` says; 0 when unset. */
  after?: number
  /** Stops the reading; the iterable then throws the signal's reason. */
  signal?: AbortSignal
}

/** Reads the delta logs of all the jobs that one API replica serves, over one subscription. */
export class DeltaLogReader {
  readonly #redis: Redis
  readonly #keys: LogKeys
  readonly #unfinishedMs: number
  readonly #replicaId: string
  readonly #live: LiveFrames
  /** Jobs whose frames are known to be sent to this replica. Forgetting one costs a repeated registration. */
  readonly #opened = new Set<string>()

  constructor({ redis, subscriber, prefix, ttlMs, replicaId, silenceMs = 2000 }: DeltaLogReaderOptions) {
    if (!/^[\w-]+$/.test(replicaId)) throw new RangeError(`A replica id has letters, digits, _ and -: ${replicaId}`)
    this.#redis = redis
    this.#keys = new LogKeys(prefix)
    this.#unfinishedMs = logLifetimes(ttlMs).unfinishedMs
    this.#replicaId = replicaId
    this.#live = new LiveFrames({ subscriber, channel: this.#keys.channelPrefix + replicaId, silenceMs })
  }

  /**
   * Creates the log of a new job and has its frames sent to this replica. Call it before the job is submitted, and
   * close() when done with it. Throws a Failure (`queue_unavailable`) while Redis is away.
   */
  async open(jobId: string): Promise<void> {
    try {
      await Promise.all([this.#live.start(), this.#register(jobId, { create: true })])
      this.#opened.add(jobId)
    } catch (error) {
      throw asClientFailure(error, this.#redis)
    }
  }

  /**
   * The frames after `after`, in order and without a gap, as they are written: ends after the terminal one. A lost
   * message or connection delays a frame, it never loses one; Redis may be away for as long as the signal allows.
   * Any replica may read any job. Throws LogMissingError when there is no such log.
   */
  async *read(jobId: string, { after = 0, signal }: ReadOptions = {}): AsyncGenerator<Frame> {
    const mailbox = this.#live.attach(jobId)
    const stop = () => {
      mailbox.stop(signal?.reason)
      this.#live.detach(jobId, mailbox)
    }
    signal?.addEventListener('abort', stop)
    try {
      signal?.throwIfAborted()
      yield* followLog({ mailbox, after, readPage: (fromSeq) => this.#readPage(jobId, fromSeq) })
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#live.detach(jobId, mailbox)
      this.#opened.delete(jobId)
    }
  }

  /**
   * What is logged of a job at this moment, from the first frame on; does not wait for more. Throws LogMissingError
   * when there is no such log, and a Failure (`queue_unavailable`) while Redis is away.
   */
  async *logged(jobId: string): AsyncGenerator<Frame> {
    try {
      for await (const frames of readPages({ redis: this.#redis, keys: this.#keys, jobId })) yield* frames
    } catch (error) {
      throw asClientFailure(error, this.#redis)
    }
  }

  /** Undoes open() for a job that may never have been read; other readings of it go on. */
  forget(jobId: string): void {
    this.#opened.delete(jobId)
  }

  /** Ends every reading of the job here (they throw) and frees its buffers. The log itself stays. */
  close(jobId: string): void {
    this.#opened.delete(jobId)
    this.#live.stopJob(jobId, new Error(`The reading of job ${jobId} was closed.`))
  }

  /** Ends every reading (they throw) and the subscription. */
  async closeAll(): Promise<void> {
    this.#opened.clear()
    await this.#live.stop(new Error('The delta log reader was closed.'))
  }

  async #readPage(jobId: string, fromSeq: number): Promise<LogPage | undefined> {
    // Not awaited: it lasts while Redis is away, and readers catch up when the subscription comes into force.
    this.#live.start().catch(() => undefined)
    try {
      // Registered before the read, so that what comes after the page is published to this replica.
      if (!this.#opened.has(jobId)) await this.#register(jobId, { create: false })
      this.#opened.add(jobId)
      return await readPage({ redis: this.#redis, keys: this.#keys, jobId }, fromSeq)
    } catch (error) {
      if (isOutage(error, this.#redis)) return undefined
      throw error
    }
  }

  async #register(jobId: string, { create }: { create: boolean }): Promise<void> {
    const values = [this.#replicaId, this.#unfinishedMs, create ? '1' : '0']
    const known = await openLog.run(this.#redis, this.#keys.both(jobId), values)
    if (known !== 1) throw new LogMissingError(jobId)
  }
}
