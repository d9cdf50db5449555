import { randomUUID } from 'node:crypto'
import type { Job, JobEvent } from '@millrace/contracts/jobs'
import { DeltaLogReader } from '@millrace/delta-log'
import { JobQueue, WorkerRegistry } from '@millrace/queue'
import { connectRedis } from '@millrace/runtime'
import type { Redis } from 'ioredis'

/** What the API does with jobs: hands them in, reads their logs, cancels them. */
export class JobClient {
  readonly redis: Redis
  readonly queue: JobQueue
  readonly workers: WorkerRegistry
  readonly #subscriber: Redis
  readonly #reader: DeltaLogReader
  readonly #prefix: string

  constructor(url: string, prefix: string) {
    const onError = () => undefined
    this.#prefix = prefix
    this.redis = connectRedis({ url, role: 'producer', name: 'test', onError })
    this.#subscriber = connectRedis({ url, role: 'subscriber', name: 'test', onError })
    const connections = { redis: this.redis, subscriber: this.#subscriber }
    this.#reader = new DeltaLogReader({ ...connections, prefix, ttlMs: 60_000, replicaId: randomUUID() })
    this.queue = new JobQueue({ redis: this.redis, prefix })
    this.workers = new WorkerRegistry({ redis: this.redis, prefix })
  }

  /** Registers for a job's frames, hands it in, and gives its events as they come. */
  async submit(job: Job): Promise<AsyncIterable<JobEvent>> {
    await this.#reader.open(job.id)
    await this.queue.submit(job, { priority: 1 })
    return this.read(job.id)
  }

  /** The events of a job's log, from its beginning to its end. */
  async *read(jobId: string): AsyncGenerator<JobEvent> {
    for await (const { events } of this.#reader.read(jobId)) yield* events
  }

  /** Resolves when the job has logged its first token. */
  async untilGenerating(jobId: string): Promise<void> {
    for await (const event of this.read(jobId)) if (event.type === 'text-delta') break
  }

  /** The installation's keys that match `pattern`. */
  keys(pattern: string): Promise<string[]> {
    return this.redis.keys(`${this.#prefix}:${pattern}`)
  }

  async close(): Promise<void> {
    await this.#reader.closeAll()
    await this.queue.close()
    this.redis.disconnect()
    this.#subscriber.disconnect()
  }
}

export function textOf(events: readonly JobEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}
