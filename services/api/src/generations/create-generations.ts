import type { Life, Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import type { Redis } from 'ioredis'
import { GenerationStore } from './generation-store.ts'
import { ReaderLeases } from './reader-leases.ts'

export type CreateGenerationsOptions = {
  settings: Pick<Settings, 'redisPrefix' | 'requestTimeoutMs' | 'logTtlMs' | 'resumeGraceMs'>
  redis: Redis
  logger: Logger
  life: Pick<Life, 'defer'>
}

/** For the writing of the last frame after the deadline. */
const spareMs = 60_000

export type Generations = { generations: GenerationStore; readers: ReaderLeases }

/** What the replicas share about generations, as the settings say. */
export function createGenerations({ settings, redis, logger, life }: CreateGenerationsOptions): Generations {
  const { redisPrefix: prefix, requestTimeoutMs, logTtlMs, resumeGraceMs: graceMs } = settings
  const generations = new GenerationStore({ redis, prefix, ttlMs: requestTimeoutMs + logTtlMs + spareMs })
  const onError = (error: unknown) => logger.warn({ err: error }, 'a reader of a generation was not seen')
  const readers = new ReaderLeases({ store: generations, graceMs, onError })
  life.defer('readers', () => readers.close())
  return { generations, readers }
}
