import type { ServedModel, WorkerStatus } from '@millrace/contracts/jobs'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { Backlog } from './backlog/backlog.ts'
import { type HeldJob, HeldJobs } from './held-jobs.ts'
import { QueueKeys } from './queue-keys.ts'

export type JobRecoveryOptions = {
  redis: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
}

/** Brings the jobs of dead workers back to the queue, long before their locks run out. */
export class JobRecovery {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #queues = new Map<string, Queue>()
  /** Held by nobody alive when last looked at. */
  #suspects = new Set<string>()

  constructor({ redis, prefix }: JobRecoveryOptions) {
    this.#redis = redis
    this.#keys = new QueueKeys(prefix)
  }

  /** For a worker that is known to be dead. Returns the ids of the jobs it held. */
  async recoverFrom({ models, consumers }: Pick<WorkerStatus, 'models' | 'consumers'>): Promise<string[]> {
    const dead = new Set(consumers)
    return await this.#recover(models, ({ consumer }) => consumer !== undefined && dead.has(consumer))
  }

  /**
   * For workers that died unseen. Takes back the jobs of `models` that none of the `alive` holds, and none held at the
   * sweep before either: a worker that is just starting, or could not announce itself for a moment, keeps its jobs.
   */
  async sweep(models: readonly ServedModel[], alive: readonly WorkerStatus[]): Promise<string[]> {
    const consumers = new Set(alive.flatMap((worker) => worker.consumers))
    const suspects = new Set<string>()
    const recovered = await this.#recover(models, ({ id, consumer, token }) => {
      if (consumer !== undefined && consumers.has(consumer)) return false
      suspects.add(`${id} ${token}`)
      return this.#suspects.has(`${id} ${token}`)
    })
    this.#suspects = suspects
    return recovered
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
  }

  async #recover(models: readonly ServedModel[], isLost: (job: HeldJob) => boolean): Promise<string[]> {
    const recovered: string[] = []
    for (const { id: model, kind } of models) {
      const address = { kind, model }
      const jobs = new HeldJobs(this.#redis, this.#queue(this.#keys.queueName(address)))
      const backlog = new Backlog({ redis: this.#redis, keys: this.#keys, address })
      for (const job of (await jobs.list()).filter(isLost)) {
        if (!(await jobs.takeBack(job))) continue
        await backlog.giveBack(job.id)
        recovered.push(job.id)
      }
    }
    return recovered
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new Queue(name, {
      connection: this.#redis,
      prefix: this.#keys.bullPrefix,
      skipWaitingForReady: true,
      skipMetasUpdate: true,
    })
    // The owner of the connection hears of its errors already, and every command here reports its own.
    queue.on('error', () => undefined)
    this.#queues.set(name, queue)
    return queue
  }
}
