import type { Life, Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import type { Redis } from 'ioredis'
import { MemoryLeases } from './memory-leases.ts'
import { memoryQuotaStore, quotaRules, redisQuotaStore } from './quota-rules.ts'
import { Quotas } from './quotas.ts'
import { RedisLeases } from './redis-leases.ts'

export type CreateQuotasOptions = {
  settings: Pick<Settings, 'quotas' | 'quotaStore'>
  redis: Redis
  prefix: string
  logger: Logger
  life: Pick<Life, 'defer'>
}

/** The limits of the settings, counted where the settings say. */
export function createQuotas({ settings, redis, prefix, logger, life }: CreateQuotasOptions): Quotas {
  const onError = (error: unknown) => logger.warn({ err: error }, 'a quota was not settled')
  const createStore = () => {
    if (settings.quotaStore === 'memory') return memoryQuotaStore(new MemoryLeases())
    const leases = new RedisLeases({ redis, prefix, onError })
    life.defer('leases', () => leases.close())
    return redisQuotaStore({ redis, prefix, leases })
  }
  return new Quotas({ rules: quotaRules(settings.quotas, createStore()), onError })
}
