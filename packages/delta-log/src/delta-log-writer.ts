import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '@millrace/contracts/failures'
import type { JobEvent } from '@millrace/contracts/jobs'
import type { Redis } from 'ioredis'
import type { Claim } from './claim.ts'
import { claimLog } from './claim-log.ts'
import { FencedError } from './fenced-error.ts'
import { Lane } from './lane.ts'
import { LogKeys } from './log-keys.ts'
import { logLifetimes } from './log-lifetimes.ts'
import { isOutage } from './redis-outage.ts'
import { type FrameOutcome, type OutgoingFrame, type SendFramesOptions, sendFrames } from './send-frames.ts'

const callLimitFrames = 64
const callLimitChars = 1024 * 1024
const retryMs = 100

export type DeltaLogWriterOptions = {
  /** A connection with the consumer role: it waits for Redis rather than failing. The caller closes it. */
  redis: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
  /** How long a log lives after its end, in milliseconds. */
  ttlMs: number
  /** Most that may wait for Redis over all jobs, in UTF-16 units of JSON; 32 Mi when unset. */
  backlogLimitChars?: number
}

/**
 * Writes the delta logs of one worker process. Everything appended while a round trip is under way, for whichever
 * job, leaves together in the next one.
 */
export class DeltaLogWriter {
  readonly #target: SendFramesOptions
  readonly #backlogLimitChars: number
  readonly #lanes = new WeakMap<Claim, Lane>()
  /** Lanes with waiting appends, longest wait first. */
  readonly #queue = new Set<Lane>()
  #backlogChars = 0
  #sending: Promise<void> | undefined
  #closed = false

  constructor({ redis, prefix, ttlMs, backlogLimitChars = 32 * 1024 * 1024 }: DeltaLogWriterOptions) {
    this.#target = { redis, keys: new LogKeys(prefix), lifetimes: logLifetimes(ttlMs) }
    this.#backlogLimitChars = backlogLimitChars
  }

  /** Begins a new attempt at the job; all earlier ones are fenced off from here on. */
  claim(jobId: string): Promise<Claim> {
    const { redis, keys, lifetimes } = this.#target
    return claimLog({ redis, keys, unfinishedMs: lifetimes.unfinishedMs }, jobId)
  }

  /**
   * Logs events of the claimed job, in the order of the calls, and publishes them to the replicas that read it.
   * Resolves once they are logged, however long Redis is away: awaiting it is the back-pressure. A caller that
   * does not wait is stopped by a Failure (`overloaded`) at the backlog limit. The events of one call stay in one
   * frame. Rejects with FencedError when this attempt has lost the log, or a terminal event was appended before.
   */
  async append(claim: Claim, events: readonly JobEvent[]): Promise<void> {
    if (events.length === 0) return
    const lane = this.#lane(claim)
    if (lane.refusal !== undefined) throw lane.refusal
    if (this.#closed) throw new Error('The delta log writer is closed.')
    if (this.#backlogChars > this.#backlogLimitChars) {
      throw new Failure('overloaded', 'The server cannot store its output fast enough. Please try again later.')
    }
    const { logged, chars } = lane.add(events)
    this.#backlogChars += chars
    this.#queue.add(lane)
    this.#sending ??= this.#sendAll()
    try {
      await logged
    } finally {
      this.#backlogChars -= chars
    }
  }

  /** Takes no more appends; resolves once those taken before are logged or refused. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#sending
  }

  #lane(claim: Claim): Lane {
    const known = this.#lanes.get(claim)
    if (known) return known
    const lane = new Lane(claim)
    this.#lanes.set(claim, lane)
    return lane
  }

  async #sendAll(): Promise<void> {
    while (true) {
      // The other sequences of a decode step append within the same turn of the event loop: they travel along.
      await new Promise(setImmediate)
      if (this.#queue.size === 0) break
      await this.#sendBatch()
    }
    this.#sending = undefined
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#takeBatch()
    if (batch.length === 0) return
    try {
      const outcomes = await this.#sendUntilAnswered(batch.map(({ frame }) => frame))
      for (const [index, { lane, frame }] of batch.entries()) settle(lane, frame, outcomes[index] ?? 'missing')
    } catch (error) {
      for (const { lane } of batch) lane.refuse(error)
    }
  }

  /** One frame of each lane that has something, within the limits of one script call. */
  #takeBatch(): { lane: Lane; frame: OutgoingFrame }[] {
    const batch: { lane: Lane; frame: OutgoingFrame }[] = []
    let chars = 0
    for (const lane of this.#queue) {
      if (batch.length === callLimitFrames || chars >= callLimitChars) break
      this.#queue.delete(lane)
      if (!lane.hasWaiting) continue
      const frame = lane.takeFrame()
      chars += frame.json.length
      batch.push({ lane, frame })
    }
    // Behind the others: a fast job does not hold up the slow ones. Set order is insertion order.
    for (const { lane } of batch) if (lane.hasWaiting) this.#queue.add(lane)
    return batch
  }

  /** Repeating a call whose answer was lost is safe: the script knows the frames it has logged. */
  async #sendUntilAnswered(frames: readonly OutgoingFrame[]): Promise<FrameOutcome[]> {
    while (true) {
      try {
        return await sendFrames(this.#target, frames)
      } catch (error) {
        if (!isOutage(error, this.#target.redis)) throw error
        await delay(retryMs)
      }
    }
  }
}

function settle(lane: Lane, frame: OutgoingFrame, outcome: FrameOutcome): void {
  if (outcome === 'logged') lane.confirm()
  else lane.refuse(new FencedError(frame.jobId, outcome))
}
