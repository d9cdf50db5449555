import type { Job } from '@millrace/contracts/jobs'
import { type DefaultJobOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { type QueueAddress, QueueKeys } from './queue-keys.ts'
import { failAsUnavailable } from './queue-unavailable.ts'

/** Longer than a worker takes from fetching a job to listening for its cancellation, or to hear of a lost one. */
const cancelFlagSeconds = 60
/** BullMQ's bound (`priority` of its BaseJobOptions), and what it runs last. */
const lowestPriority = 2_097_151

/** Nothing of a job outlives it: what it produced is in its delta log. */
const jobOptions: DefaultJobOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  // For faults of a worker, not of the job: a job that cannot be done ends in its log, and counts as done here.
  attempts: 3,
  backoff: { type: 'exponential', delay: 500 },
}

export type JobQueueOptions = {
  /** A connection with the producer role: it fails fast. The caller closes it. */
  redis: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
}

/** Where jobs are handed in. All methods throw a Failure (`queue_unavailable`) while Redis is away. */
export class JobQueue {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #queues = new Map<string, Queue>()

  constructor({ redis, prefix }: JobQueueOptions) {
    this.#redis = redis
    this.#keys = new QueueKeys(prefix)
  }

  /**
   * Queues a job for exactly one worker of its model. A job whose id is queued or running already is left as it is,
   * so repeating after a failure is harmless (an id made of digits only is refused by BullMQ).
   *
   * `priority` counts from 1, which runs first, to 2097151; equal ones run in the order of submission.
   */
  async submit(job: Job, { priority }: { priority: number }): Promise<void> {
    if (!Number.isInteger(priority) || priority < 1 || priority > lowestPriority) {
      throw new RangeError(`A priority is an integer from 1 to ${lowestPriority}, not ${priority}.`)
    }
    await failAsUnavailable(() => this.#queue(job).add(job.kind, job, { jobId: job.id, priority }))
  }

  /**
   * `removed`: the job was waiting, nobody will run it, and ending its log is up to the caller. `signalled`: it was
   * not; a worker that runs it, or takes it within a minute, is told and ends the log itself.
   */
  async cancel(job: { id: string } & QueueAddress): Promise<'removed' | 'signalled'> {
    return await failAsUnavailable(async () => {
      const queue = this.#queue(job)
      // BullMQ's remove also succeeds for a job that it does not know, hence the question before.
      const known = (await queue.getJobState(job.id)) !== 'unknown'
      if (known && (await queue.remove(job.id, { removeChildren: false })) === 1) return 'removed'
      await this.#redis.set(this.#keys.cancelFlag(job.id), '1', 'EX', cancelFlagSeconds)
      await this.#redis.publish(this.#keys.cancelChannel(job), job.id)
      return 'signalled'
    })
  }

  /** How many jobs wait (those between two attempts included) and how many run. */
  async counts(model: string, kind: Job['kind']): Promise<{ waiting: number; active: number }> {
    return await failAsUnavailable(async () => {
      const counts = await this.#queue({ model, kind }).getJobCounts('wait', 'prioritized', 'delayed', 'active')
      const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts
      return { waiting: wait + prioritized + delayed, active }
    })
  }

  /** Lets go of the connection, without closing it. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
    this.#queues.clear()
  }

  #queue(address: QueueAddress): Queue {
    const name = this.#keys.queueName(address)
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new Queue(name, {
      connection: this.#redis,
      prefix: this.#keys.bullPrefix,
      defaultJobOptions: jobOptions,
      // Nobody reads BullMQ's event feed; it cannot be switched off.
      streams: { events: { maxLen: 10 } },
      // Both would wait for a connection, for ever while Redis is away, where a client should hear of it at once.
      skipWaitingForReady: true,
      skipVersionCheck: true,
    })
    // The owner of the connection hears of its errors already, and every command here reports its own.
    queue.on('error', () => undefined)
    this.#queues.set(name, queue)
    return queue
  }
}
