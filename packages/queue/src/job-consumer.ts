import { Job } from '@millrace/contracts/jobs'
import { type Job as BullJob, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { Cancellations } from './cancellations.ts'
import { HandBackError } from './hand-back-error.ts'
import { HeldJobs } from './held-jobs.ts'
import { type QueueAddress, QueueKeys } from './queue-keys.ts'
import { RunningJobs } from './running-jobs.ts'

export type Delivery = {
  job: Job
  /** Aborts with a Failure: `cancelled`, or `deadline_exceeded`. */
  signal: AbortSignal
  /** How often a worker has died with this job since it last got any further. */
  crashes: number
  /** Says whether a crash would count against the job from here on, as it does at first: has it begun, or does it wait? */
  countCrashes: (counting: boolean) => Promise<void>
  /** Says that the job has got further: the crashes so far were not its fault. */
  exonerate: () => Promise<void>
}

export type ConsumeJobsOptions = QueueAddress & {
  /** A connection with the consumer role; BullMQ makes a second one like it to wait on. The caller closes it. */
  redis: Redis
  /** A connection for subscriptions, which other consumers may share. The caller closes it. */
  subscriber: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
  /** Most jobs to hold at once. */
  concurrency: number
  /** Hears of lost connections, failed attempts and jobs that cannot be read. */
  onError: (error: Error) => void
  /**
   * Does the job and ends its log. Resolves: the job is done. Throws HandBackError: the job goes on elsewhere. Throws
   * anything else: the job is tried again, here or elsewhere, three times in all. Jobs that were cancelled or whose
   * deadline has passed while they waited arrive with an aborted signal: they must not be started, but their log must
   * still be ended.
   */
  handle: (delivery: Delivery) => Promise<void>
}

/** Takes jobs of one kind and model from the queue until it is paused or closed. */
export class JobConsumer {
  readonly #options: ConsumeJobsOptions
  readonly #worker: Worker<unknown>
  readonly #running = new RunningJobs()
  readonly #cancellations: Cancellations
  readonly #held: HeldJobs
  readonly #started: Promise<void>
  readonly #handling = new Set<Promise<void>>()
  /** Ends when the worker takes nothing more and has recorded what became of its last job. */
  #loop: Promise<void> = Promise.resolve()
  #pausing = false

  constructor(options: ConsumeJobsOptions) {
    const { redis, subscriber, prefix, kind, model, onError } = options
    const keys = new QueueKeys(prefix)
    const address = { kind, model }
    this.#options = options
    this.#cancellations = new Cancellations({ redis, subscriber, keys, address, running: this.#running })
    this.#worker = this.#createWorker(keys)
    this.#held = new HeldJobs(redis, this.#worker)
    this.#worker.on('error', onError)
    this.#worker.on('failed', (job, error) => onError(new Error(`Job ${job?.id} failed.`, { cause: error })))
    this.#started = this.#start()
    this.#started.catch(onError)
  }

  /** The name under which it holds jobs. */
  get id(): string {
    return this.#worker.id
  }

  /** Resolves once jobs are being taken. */
  async ready(): Promise<void> {
    await this.#started
  }

  /** Takes nothing new from here on; what runs goes on. */
  async pause(): Promise<void> {
    this.#pausing = true
    await this.#worker.pause(true)
  }

  /**
   * Takes nothing new, waits until the running handlers are done, and lets go of the queue. While Redis is away their
   * jobs cannot be recorded as done: they will be handed out again, to find that their logs have ended.
   */
  async close(): Promise<void> {
    await this.pause()
    while (this.#handling.size > 0) await Promise.allSettled(this.#handling)
    // Not the worker's own close(): that never ends while its waiting connection is between two attempts to reconnect.
    await Promise.race([this.#loop, untilAway(this.#options.redis)])
    await this.#worker.close(true)
    await this.#cancellations.stop()
  }

  #createWorker(keys: QueueKeys): Worker<unknown> {
    const { redis, concurrency } = this.#options
    return new Worker<unknown>(keys.queueName(this.#options), (job, token) => this.#process(job, token), {
      connection: redis,
      prefix: keys.bullPrefix,
      concurrency,
      // Started by hand, once cancellations are heard.
      autorun: false,
      // The defaults (30 s, 30 s, once) would leave the stream of a dead worker silent for a minute, and then end it.
      lockDuration: 10_000,
      stalledInterval: 2_000,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      // A job that is handed back wakes nobody, and a wake-up may be lost with a connection: look every second.
      drainDelay: 1,
      runRetryDelay: 1_000,
    })
  }

  async #start(): Promise<void> {
    await this.#cancellations.start()
    this.#loop = this.#worker.run().catch(this.#options.onError)
    await this.#worker.waitUntilReady()
  }

  async #process(bullJob: BullJob<unknown>, token?: string): Promise<void> {
    const parsed = Job.safeParse(bullJob.data)
    if (!parsed.success) throw new UnrecoverableError(`Not a job: ${z.prettifyError(parsed.error)}`)
    try {
      await this.#running.run(parsed.data, (signal) => this.#deliver(parsed.data, signal))
    } catch (error) {
      if (!(error instanceof HandBackError)) throw error
      await bullJob.moveToWait(token)
      // Tells BullMQ that this attempt has neither ended nor failed.
      throw new WaitingError()
    }
  }

  async #deliver(job: Job, signal: AbortSignal): Promise<void> {
    // After the job counts as running: from then on messages reach it, and this finds what came before.
    const [crashes] = await Promise.all([this.#held.crashes(job.id), this.#cancellations.check([job.id])])
    if (this.#pausing) throw new HandBackError()
    const countCrashes = (counting: boolean) => this.#held.countCrashes(job.id, counting)
    await this.#handle({ job, signal, crashes, countCrashes, exonerate: () => this.#held.forgetCrashes(job.id) })
    if (signal.aborted) await this.#cancellations.settle(job.id)
  }

  async #handle(delivery: Delivery): Promise<void> {
    const handling = this.#options.handle(delivery)
    this.#handling.add(handling)
    try {
      await handling
    } finally {
      this.#handling.delete(handling)
    }
  }
}

async function untilAway(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await new Promise((resolve) => redis.once('close', resolve))
}
