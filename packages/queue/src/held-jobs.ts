import { Job, type Queue, type Worker } from 'bullmq'
import type { Redis } from 'ioredis'

/** A job that some consumer has taken and not yet ended. */
export type HeldJob = {
  id: string
  /** The consumer that holds it; unknown when its lock has run out. */
  consumer: string | undefined
  /** What BullMQ wants to see from whoever moves the job. */
  token: string
}

/** BullMQ takes this instead of a lock's token for a job that is not locked. */
const noLock = '0'
/** Fields of ours in BullMQ's hash of a job: they go with the job. */
const crashesField = 'millrace:crashes'
const excusedField = 'millrace:excused'

/**
 * The running jobs of one queue and the crashes that each has seen. Knows three things that BullMQ 6.7 does not
 * document: that a lock's value begins with the id of the worker object (worker.js, `run`), the names of its lock and
 * marker keys, and that further fields in a job's hash are left alone. The tests of JobRecovery hold it to them.
 */
export class HeldJobs {
  readonly #redis: Redis
  readonly #queue: Queue | Worker

  constructor(redis: Redis, queue: Queue | Worker) {
    this.#redis = redis
    this.#queue = queue
  }

  async list(): Promise<HeldJob[]> {
    const ids = await this.#redis.lrange(this.#queue.toKey('active'), 0, -1)
    if (ids.length === 0) return []
    const tokens = await this.#redis.mget(ids.map((id) => `${this.#queue.toKey(id)}:lock`))
    return ids.map((id, index) => {
      const token = tokens[index]
      return { id, consumer: token?.split(':')[0], token: token ?? noLock }
    })
  }

  /**
   * Puts a job whose consumer died in front of the waiting ones of its priority, and counts the crash. False: somebody
   * else has moved it meanwhile.
   */
  async takeBack({ id, token }: HeldJob): Promise<boolean> {
    const job = await Job.fromId(this.#queue, id)
    if (!job) return false
    // Counted first: whoever gets the job next must see it.
    const counted = (await this.#redis.hexists(this.#queue.toKey(id), excusedField)) === 0
    if (counted) await this.#redis.hincrby(this.#queue.toKey(id), crashesField, 1)
    try {
      await job.moveToWait(token)
    } catch {
      if (counted) await this.#redis.hincrby(this.#queue.toKey(id), crashesField, -1)
      return false
    }
    // BullMQ wakes nobody for a job that has a priority: an idle consumer would look only after a second.
    await this.#redis.zadd(this.#queue.toKey('marker'), 0, '0')
    return true
  }

  async crashes(jobId: string): Promise<number> {
    return Number((await this.#redis.hget(this.#queue.toKey(jobId), crashesField)) ?? 0)
  }

  /** Whether the next crash counts against the job. */
  async countCrashes(jobId: string, counting: boolean): Promise<void> {
    const key = this.#queue.toKey(jobId)
    if (counting) await this.#redis.hdel(key, excusedField)
    else await this.#redis.hset(key, excusedField, '1')
  }

  async forgetCrashes(jobId: string): Promise<void> {
    await this.#redis.hdel(this.#queue.toKey(jobId), crashesField)
  }
}
