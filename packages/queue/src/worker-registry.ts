import { WorkerStatus } from '@millrace/contracts/jobs'
import type { Redis } from 'ioredis'
import { QueueKeys } from './queue-keys.ts'

/** Workers announce themselves every second; after this long without, they are taken for dead. */
const lifeMs = 5_000
/** The index goes too, some time after the last worker. */
const indexLifeMs = 60_000

export type WorkerRegistryOptions = {
  redis: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
}

/** Which worker processes are alive and what they serve. */
export class WorkerRegistry {
  readonly #redis: Redis
  readonly #keys: QueueKeys

  constructor({ redis, prefix }: WorkerRegistryOptions) {
    this.#redis = redis
    this.#keys = new QueueKeys(prefix)
  }

  /** Shows a worker as alive for five seconds. */
  async announce(status: WorkerStatus): Promise<void> {
    const steps = this.#redis.multi()
    steps.set(this.#keys.worker(status.id), JSON.stringify(status), 'PX', lifeMs)
    steps.sadd(this.#keys.workers, status.id).pexpire(this.#keys.workers, indexLifeMs)
    await steps.exec()
  }

  /** Takes a worker that ends in good order off the list at once. */
  async withdraw(id: string): Promise<void> {
    await this.#redis.multi().del(this.#keys.worker(id)).srem(this.#keys.workers, id).exec()
  }

  /** The workers alive at the moment; in no order. */
  async list(): Promise<WorkerStatus[]> {
    const ids = await this.#redis.smembers(this.#keys.workers)
    if (ids.length === 0) return []
    const found = await this.#redis.mget(ids.map((id) => this.#keys.worker(id)))
    const dead = ids.filter((_, index) => found[index] === null)
    // One that comes back in this moment is listed again with its next announcement.
    if (dead.length > 0) await this.#redis.srem(this.#keys.workers, ...dead)
    return found.flatMap((json) => (json ? parseStatus(json) : []))
  }
}

/** A worker of another version, which this process cannot read, must not hide the others. */
function parseStatus(json: string): WorkerStatus[] {
  try {
    return [WorkerStatus.parse(JSON.parse(json))]
  } catch {
    return []
  }
}
