import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { LeaseStore } from './lease-counter.ts'

const acquireLease = new LuaScript(new URL('./acquire-lease.lua', import.meta.url))
const Answer = z.tuple([z.int(), z.int()])

export type RedisLeasesOptions = {
  redis: Redis
  prefix: string
  /** How long the leases of a process that was killed stay taken, in milliseconds; 30 s when unset. */
  ttlMs?: number
  onError: (error: unknown) => void
}

type Lease = { tenant: string; holder: string; limit: number }

/**
 * Leases that all API replicas share: a sorted set per tenant, scored by when each lease ends. They are renewed while
 * the process lives, so that a killed one leaks nothing.
 */
export class RedisLeases implements LeaseStore {
  readonly #options: RedisLeasesOptions & { ttlMs: number }
  readonly #held = new Map<string, Lease>()
  readonly #renewal: NodeJS.Timeout

  constructor({ ttlMs = 30_000, ...options }: RedisLeasesOptions) {
    this.#options = { ...options, ttlMs }
    this.#renewal = setInterval(() => void this.#renew(), ttlMs / 3)
  }

  async acquire(lease: Lease) {
    const answer = await this.#write(lease)
    if (answer.granted) this.#held.set(lease.holder, lease)
    return answer
  }

  async release({ tenant, holder }: { tenant: string; holder: string }): Promise<void> {
    this.#held.delete(holder)
    await this.#options.redis.zrem(this.#key(tenant), holder)
  }

  /** Stops the renewal. */
  close(): void {
    clearInterval(this.#renewal)
  }

  async #renew(): Promise<void> {
    for (const outcome of await Promise.allSettled([...this.#held.values()].map((lease) => this.#write(lease)))) {
      if (outcome.status === 'rejected') this.#options.onError(outcome.reason)
    }
  }

  async #write({ tenant, holder, limit }: Lease): Promise<{ granted: boolean; held: number }> {
    const { redis, ttlMs } = this.#options
    const [granted, held] = Answer.parse(await acquireLease.run(redis, [this.#key(tenant)], [holder, limit, ttlMs]))
    return { granted: granted === 1, held }
  }

  #key(tenant: string): string {
    return `${this.#options.prefix}:quota:leases:${tenant}`
  }
}
