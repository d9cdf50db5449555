import type { Redis } from 'ioredis'
import type { QueueAddress, QueueKeys } from './queue-keys.ts'
import type { RunningJobs } from './running-jobs.ts'

export type CancellationsOptions = {
  redis: Redis
  subscriber: Redis
  keys: QueueKeys
  address: QueueAddress
  running: RunningJobs
}

/** Passes what JobQueue.cancel() says on to the running jobs of one consumer; a lost message is made up for. */
export class Cancellations {
  readonly #options: CancellationsOptions
  readonly #channel: string

  constructor(options: CancellationsOptions) {
    this.#options = options
    this.#channel = options.keys.cancelChannel(options.address)
  }

  async start(): Promise<void> {
    const { subscriber } = this.#options
    subscriber.on('message', this.#onMessage)
    subscriber.on('ready', this.#onReady)
    await subscriber.subscribe(this.#channel)
  }

  async stop(): Promise<void> {
    const { subscriber } = this.#options
    subscriber.off('message', this.#onMessage)
    subscriber.off('ready', this.#onReady)
    if (subscriber.status === 'ready') await subscriber.unsubscribe(this.#channel)
  }

  /** Aborts those of the jobs that were cancelled when nobody listened. */
  async check(jobIds: readonly string[]): Promise<void> {
    const { redis, keys, running } = this.#options
    if (jobIds.length === 0) return
    const flags = await redis.mget(jobIds.map((jobId) => keys.cancelFlag(jobId)))
    for (const [index, jobId] of jobIds.entries()) if (flags[index]) running.cancel(jobId)
  }

  /** Forgets a cancellation that has been obeyed. */
  async settle(jobId: string): Promise<void> {
    const { redis, keys } = this.#options
    await redis.del(keys.cancelFlag(jobId))
  }

  readonly #onMessage = (channel: string, jobId: string): void => {
    if (channel === this.#channel) this.#options.running.cancel(jobId)
  }

  readonly #onReady = (): void => {
    const { subscriber, running } = this.#options
    // Subscribing again is harmless, and its answer says that the restored subscription is in force.
    const recheck = subscriber.subscribe(this.#channel).then(() => this.check(running.ids))
    // The connection was lost again, so that there will be another `ready`.
    recheck.catch(() => undefined)
  }
}
