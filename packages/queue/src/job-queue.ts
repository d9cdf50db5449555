import type { Job } from '@millrace/contracts/jobs'
import { type DefaultJobOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { AdmitOptions, Admittance } from './backlog/admittance.ts'
import { Backlog, type Position } from './backlog/backlog.ts'
import { isBaseOld, priorityOf } from './backlog/priorities.ts'
import { type QueueAddress, QueueKeys } from './queue-keys.ts'
import { failAsUnavailable } from './queue-unavailable.ts'

/** Longer than a worker takes from fetching a job to listening for its cancellation, or to hear of a lost one. */
const cancelFlagSeconds = 60
/**
 * For a job that a worker has: it may be handing it back in this moment, since the whole cluster stops, and the next
 * start must not take it up for nobody. As long as the longest deadline; whoever obeys the flag removes it.
 */
const heldCancelFlagSeconds = 24 * 60 * 60
/** One process at a time counts the priorities anew; another one may try after so long. */
const recountMs = 30_000

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

type Line = { queue: Queue; backlog: Backlog }

/** With one priority for each of the jobs, to submit it with. */
export type Admitted = Admittance & { priorities: number[] }

/** Where jobs are handed in. All methods throw a Failure (`queue_unavailable`) while Redis is away. */
export class JobQueue {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #lines = new Map<string, Line>()

  constructor({ redis, prefix }: JobQueueOptions) {
    this.#redis = redis
    this.#keys = new QueueKeys(prefix)
  }

  /**
   * Lets jobs into the backlog, all of them or none, before they are submitted; whoever does not submit them within a
   * minute must ask again. A job that is in already keeps its place.
   */
  async admit(address: QueueAddress, options: AdmitOptions): Promise<Admitted> {
    return await failAsUnavailable(async () => {
      const { backlog } = this.#line(address)
      const admittance = await backlog.admit(options)
      const base = isBaseOld(admittance) ? await this.#recount(address, admittance) : admittance.base
      return { ...admittance, base, priorities: admittance.places.map((place) => priorityOf(place, base)) }
    })
  }

  /**
   * Queues a job for exactly one worker of its model. A job whose id is queued or running already is left as it is,
   * so repeating after a failure is harmless (an id made of digits only is refused by BullMQ).
   *
   * `priority` is what `admit` gave; equal ones run in the order of submission.
   */
  async submit(job: Job, { priority }: { priority: number }): Promise<void> {
    const { queue, backlog } = this.#line(job)
    const add = queue.add(job.kind, job, { jobId: job.id, priority })
    await failAsUnavailable(() => Promise.all([add, backlog.submit(job)]))
  }

  /** For a job that was let in and will not be submitted. */
  async withdraw(job: { id: string } & QueueAddress): Promise<void> {
    await failAsUnavailable(() => this.#line(job).backlog.leave(job.id, 0))
  }

  /** Where a job waits; undefined when it does not. */
  async position(job: { id: string } & QueueAddress): Promise<Position | undefined> {
    return await failAsUnavailable(() => this.#line(job).backlog.position(job.id))
  }

  /**
   * `removed`: the job was waiting, nobody will run it, and ending its log is up to the caller. `signalled`: it was
   * not; a worker that runs it, or takes it within a minute, is told and ends the log itself.
   */
  async cancel(job: { id: string } & QueueAddress): Promise<'removed' | 'signalled'> {
    return await failAsUnavailable(async () => {
      const { queue, backlog } = this.#line(job)
      // BullMQ's remove also succeeds for a job that it does not know, hence the question before.
      const known = (await queue.getJobState(job.id)) !== 'unknown'
      if (known && (await queue.remove(job.id, { removeChildren: false })) === 1) {
        await backlog.leave(job.id, 0)
        return 'removed'
      }
      await this.#redis.set(this.#keys.cancelFlag(job.id), '1', 'EX', known ? heldCancelFlagSeconds : cancelFlagSeconds)
      await this.#redis.publish(this.#keys.cancelChannel(job), job.id)
      return 'signalled'
    })
  }

  /** How many jobs wait (those between two attempts included) and how many run. */
  async counts(model: string, kind: Job['kind']): Promise<{ waiting: number; active: number }> {
    return await failAsUnavailable(async () => {
      const counts = await this.#line({ model, kind }).queue.getJobCounts('wait', 'prioritized', 'delayed', 'active')
      const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts
      return { waiting: wait + prioritized + delayed, active }
    })
  }

  /** Lets go of the connection, without closing it. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ queue }) => queue.close()))
    this.#lines.clear()
  }

  /** Counts the priorities of all jobs from the clock on, and returns that base. What is interrupted is done again. */
  async #recount(address: QueueAddress, { clock, base }: Admittance): Promise<number> {
    const { queue, backlog } = this.#line(address)
    if (!(await backlog.takeOnce('recount', recountMs))) return base
    const recountAll = async () => {
      for (const [id, place] of await backlog.places()) {
        const job = await queue.getJob(id)
        await job?.changePriority({ priority: priorityOf(place, clock) })
      }
    }
    await recountAll()
    await backlog.moveBase(clock)
    // Those that came meanwhile, with a priority counted from the old base.
    await recountAll()
    return clock
  }

  #line(address: QueueAddress): Line {
    const name = this.#keys.queueName(address)
    const known = this.#lines.get(name)
    if (known) return known
    const backlog = new Backlog({ redis: this.#redis, keys: this.#keys, address })
    const line = { queue: this.#createQueue(name), backlog }
    this.#lines.set(name, line)
    return line
  }

  #createQueue(name: string): Queue {
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
    return queue
  }
}
