import type { Job } from '@millrace/contracts/jobs'
import { connectRedis, type RedisRole } from '@millrace/runtime'
import { startRedis, type TestRedis } from '@millrace/testkit'
import type { Redis } from 'ioredis'
import { consumeJobs } from './consume-jobs.ts'
import type { ConsumeJobsOptions, Delivery, JobConsumer } from './job-consumer.ts'
import { JobQueue } from './job-queue.ts'

type ConsumerChanges = Partial<ConsumeJobsOptions> & { handle: ConsumeJobsOptions['handle'] }

/** What the tests of this package share: a real Redis, and queues and consumers with connections of their own. */
export class QueueFixture {
  readonly server: TestRedis
  readonly errors: Error[] = []
  readonly #connections: Redis[] = []
  readonly #consumers: JobConsumer[] = []

  static async start(): Promise<QueueFixture> {
    return new QueueFixture(await startRedis())
  }

  constructor(server: TestRedis) {
    this.server = server
  }

  connect(role: RedisRole): Redis {
    const ignoreError = () => undefined
    const redis = connectRedis({ url: this.server.url, role, name: 'queue-test', onError: ignoreError })
    this.#connections.push(redis)
    return redis
  }

  queue(prefix: string): JobQueue {
    return new JobQueue({ redis: this.connect('producer'), prefix })
  }

  /** A consumer as another process would have it, ready to take jobs of `model` m. */
  async consumer(prefix: string, changes: ConsumerChanges): Promise<JobConsumer> {
    const [redis, subscriber] = [this.connect('consumer'), this.connect('subscriber')]
    const onError = (error: Error) => void this.errors.push(error)
    const address = { kind: 'generation', model: 'm' } as const
    const consumer = consumeJobs({ redis, subscriber, prefix, ...address, concurrency: 1, onError, ...changes })
    this.#consumers.push(consumer)
    await consumer.ready()
    return consumer
  }

  async stop(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.close()))
    for (const redis of this.#connections) redis.disconnect()
    await this.server.stop()
  }
}

export function aJob(id: string, changes: { model?: string; deadlineAtMs?: number } = {}): Job {
  const submittedAtMs = Date.now()
  return {
    kind: 'generation',
    id,
    tenant: 'tenant',
    requestId: 'request',
    model: 'm',
    submittedAtMs,
    deadlineAtMs: submittedAtMs + 600_000,
    messages: [{ role: 'user', text: 'hello' }],
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 1 },
    stop: [],
    maxTokens: 16,
    ...changes,
  }
}

/** A handler that notes what it was given and holds each job until it is released or the signal aborts. */
export class HoldingHandler {
  readonly deliveries: Delivery[] = []
  readonly #gate = Promise.withResolvers<void>()

  readonly handle = async (delivery: Delivery): Promise<void> => {
    this.deliveries.push(delivery)
    if (delivery.signal.aborted) return
    const aborted = new Promise((resolve) => delivery.signal.addEventListener('abort', resolve))
    await Promise.race([this.#gate.promise, aborted])
  }

  /** Lets the held jobs end, and all later ones at once. */
  release(): void {
    this.#gate.resolve()
  }

  get ids(): string[] {
    return this.deliveries.map(({ job }) => job.id)
  }
}
