import { Job } from '@millrace/contracts/jobs'
import { type Job as BullJob, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { Backlog } from './backlog/backlog.ts'
import { SlotYielder } from './backlog/slot-yielder.ts'
import { Cancellations } from './cancellations.ts'
import { HandBackError } from './hand-back-error.ts'
import { HeldJobs } from './held-jobs.ts'
import { type QueueAddress, QueueKeys } from './queue-keys.ts'
import { type RunningJob, RunningJobs } from './running-jobs.ts'

export type Delivery = {
  job: Job
  /**
   * Aborts with a Failure, `cancelled` or `deadline_exceeded`; or with a HandBackError, when the job shall give way to
   * a more urgent one and continue later.
   */
  signal: AbortSignal
  /** Says that the job has got further than before, and what it has cost so far: tokens of prompt and completion. */
  advance: (usedTokens: number) => void
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
  /** Ends the log of a job that will not be tried again: it has failed too often, or cannot be read. */
  giveUp?: (jobId: string, cause: unknown) => Promise<void>
}

/** Takes jobs of one kind and model from the queue until it is paused or closed. */
export class JobConsumer {
  readonly #options: ConsumeJobsOptions
  readonly #worker: Worker<unknown>
  readonly #running = new RunningJobs()
  readonly #cancellations: Cancellations
  readonly #held: HeldJobs
  readonly #backlog: Backlog
  readonly #yielder: SlotYielder
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
    this.#backlog = new Backlog({ redis, keys, address })
    const { concurrency } = options
    this.#yielder = new SlotYielder({ backlog: this.#backlog, running: this.#running, concurrency, onError })
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
    this.#yielder.stop()
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
    if (!this.#pausing) this.#yielder.start()
  }

  async #process(bullJob: BullJob<unknown>, token?: string): Promise<void> {
    const parsed = Job.safeParse(bullJob.data)
    if (!parsed.success) {
      const error = new UnrecoverableError(`Not a job: ${z.prettifyError(parsed.error)}`)
      await this.#giveUp(bullJob.id, error)
      throw error
    }
    const { data: job } = parsed
    try {
      const usedTokens = await this.#running.run(job, (signal, running) => this.#deliver(job, signal, running))
      await this.#backlog.leave(job.id, usedTokens)
    } catch (error) {
      const isLast = bullJob.attemptsMade + 1 >= (bullJob.opts.attempts ?? 1)
      if (!(error instanceof HandBackError)) {
        await (isLast ? this.#giveUp(job.id, error) : this.#backlog.giveBack(job.id))
        throw error
      }
      await this.#backlog.giveBack(job.id)
      await bullJob.moveToWait(token)
      // Tells BullMQ that this attempt has neither ended nor failed.
      throw new WaitingError()
    }
  }

  async #giveUp(jobId: string | undefined, cause: unknown): Promise<void> {
    if (jobId === undefined) return
    await this.#options.giveUp?.(jobId, cause)
    await this.#backlog.leave(jobId)
  }

  /** Resolves with what the job has cost, in tokens. */
  async #deliver(job: Job, signal: AbortSignal, running: RunningJob): Promise<number | undefined> {
    // After the job counts as running: from then on messages reach it, and this finds what came before.
    const [crashes, turn] = await Promise.all([
      this.#held.crashes(job.id),
      this.#backlog.start(job.id),
      this.#cancellations.check([job.id]),
    ])
    if (this.#pausing) throw new HandBackError()
    running.turn = turn
    await this.#handle({
      ...{ job, signal, crashes },
      advance: (usedTokens) => {
        running.usedTokens = usedTokens
      },
      countCrashes: (counting) => this.#held.countCrashes(job.id, counting),
      exonerate: () => this.#held.forgetCrashes(job.id),
    })
    if (signal.aborted) await this.#cancellations.settle(job.id)
    return running.usedTokens
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
