import type { Redis } from 'ioredis'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import { LeaseCounter, type LeaseStore } from './lease-counter.ts'
import { PointsWindow } from './points-window.ts'
import type { QuotaRule } from './quotas.ts'

/** What one tenant may use; an absent limit is no limit. */
export type QuotaLimits = {
  requestsPerMinute?: number | undefined
  tokensPerMinute?: number | undefined
  /** The day begins with a tenant's first request. */
  tokensPerDay?: number | undefined
  concurrentRequests?: number | undefined
}

export type QuotaStore = {
  createWindow: (options: { name: string; points: number; durationSeconds: number }) => RateLimiterAbstract
  leases: LeaseStore
}

const minuteSeconds = 60
const daySeconds = 24 * 60 * 60

/** Counters that all API replicas share. */
export function redisQuotaStore(options: { redis: Redis; prefix: string; leases: LeaseStore }): QuotaStore {
  const { redis, prefix, leases } = options
  return {
    leases,
    createWindow: ({ name, points, durationSeconds }) =>
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `${prefix}:quota:${name}`,
        points,
        duration: durationSeconds,
      }),
  }
}

/** Counters of this process alone. */
export function memoryQuotaStore(leases: LeaseStore): QuotaStore {
  return {
    leases,
    createWindow: ({ name, points, durationSeconds }) =>
      new RateLimiterMemory({ keyPrefix: name, points, duration: durationSeconds }),
  }
}

/** The rules for the limits that are set. */
export function quotaRules(limits: QuotaLimits, store: QuotaStore): QuotaRule[] {
  const window = (name: string, points: number, durationSeconds: number) =>
    new PointsWindow(store.createWindow({ name, points, durationSeconds }))
  const { requestsPerMinute, tokensPerMinute, tokensPerDay, concurrentRequests } = limits
  const limited = { code: 'rate_limit_exceeded', inHeaders: true } as const
  const rules: QuotaRule[] = []
  if (requestsPerMinute !== undefined) {
    const counter = window('rpm', requestsPerMinute, minuteSeconds)
    rules.push({ ...limited, name: 'requests per minute', unit: 'requests', countsReadings: true, counter })
  }
  if (tokensPerMinute !== undefined) {
    const counter = window('tpm', tokensPerMinute, minuteSeconds)
    rules.push({ ...limited, name: 'tokens per minute', unit: 'tokens', counter })
  }
  if (tokensPerDay !== undefined) {
    const counter = window('tpd', tokensPerDay, daySeconds)
    rules.push({ name: 'tokens per day', unit: 'tokens', code: 'insufficient_quota', inHeaders: false, counter })
  }
  if (concurrentRequests !== undefined) {
    const counter = new LeaseCounter({ limit: concurrentRequests, store: store.leases })
    rules.push({ ...limited, inHeaders: false, name: 'concurrent requests', unit: 'requests', counter })
  }
  return rules
}
