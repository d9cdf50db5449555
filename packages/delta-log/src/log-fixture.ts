import type { Frame, JobEvent } from '@millrace/contracts/jobs'
import { connectRedis } from '@millrace/runtime'
import { startRedis, type TestRedis, uniquePrefix } from '@millrace/testkit'
import type { Redis } from 'ioredis'
import { DeltaLogReader } from './delta-log-reader.ts'
import { DeltaLogWriter } from './delta-log-writer.ts'
import { LogKeys } from './log-keys.ts'
import { readPages } from './read-page.ts'

const ttlMs = 60_000

/** What the tests of this package share: a real Redis, and writers and readers with connections of their own. */
export class LogFixture {
  readonly server: TestRedis
  readonly prefix = uniquePrefix()
  readonly keys = new LogKeys(this.prefix)
  readonly #connections: Redis[] = []

  static async start(): Promise<LogFixture> {
    return new LogFixture(await startRedis())
  }

  constructor(server: TestRedis) {
    this.server = server
  }

  connect(role: 'producer' | 'consumer' | 'subscriber'): Redis {
    const ignoreError = () => undefined
    const redis = connectRedis({ url: this.server.url, role, name: 'delta-log-test', onError: ignoreError })
    this.#connections.push(redis)
    return redis
  }

  writer(options: { ttlMs?: number; backlogLimitChars?: number } = {}): DeltaLogWriter {
    return new DeltaLogWriter({ redis: this.connect('consumer'), prefix: this.prefix, ttlMs, ...options })
  }

  /** `subscriber` is exposed for losing messages: unsubscribe it, or kill it, behind the reader's back. */
  replica(replicaId: string, silenceMs = 2000): { reader: DeltaLogReader; subscriber: Redis; channel: string } {
    const [redis, subscriber] = [this.connect('producer'), this.connect('subscriber')]
    const reader = new DeltaLogReader({ redis, subscriber, prefix: this.prefix, ttlMs, replicaId, silenceMs })
    return { reader, subscriber, channel: this.keys.channelPrefix + replicaId }
  }

  /** Everything that is logged of the job, read past all readers. */
  logged(jobId: string): Promise<Frame[]> {
    const pages = readPages({ redis: this.connect('producer'), keys: this.keys, jobId })
    return collect(flatten(pages))
  }

  async stop(): Promise<void> {
    for (const redis of this.#connections) redis.disconnect()
    await this.server.stop()
  }
}

export async function collect<T>(source: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const each of source) into.push(each)
  return into
}

async function* flatten<T>(pages: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page
}

export function delta(text: string, ...tokens: number[]): JobEvent {
  return { type: 'text-delta', text, tokens }
}

export const finished: JobEvent = {
  type: 'job-finished',
  reason: 'stop',
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
}

export function eventsOf(frames: readonly Frame[]): JobEvent[] {
  return frames.flatMap((frame) => frame.events)
}
