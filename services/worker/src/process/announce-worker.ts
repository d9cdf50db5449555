import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Engine } from '@millrace/contracts/jobs'
import { WorkerRegistry } from '@millrace/queue'
import type { Life, Logger } from '@millrace/runtime'
import type { Redis } from 'ioredis'
import { repeat } from './repeat.ts'

export type AnnounceWorkerOptions = {
  redis: Redis
  prefix: string
  /** `cpu` or `cuda:<uuid>`. */
  device: string
  engine: Pick<Engine, 'models' | 'busySlots'>
  logger: Logger
  life: Pick<Life, 'defer' | 'signal'>
}

const intervalMs = 1_000

/** Shows the worker as alive until shutdown begins. Resolves when it is shown for the first time. */
export async function announceWorker(options: AnnounceWorkerOptions): Promise<void> {
  const { redis, prefix, device, engine, logger, life } = options
  const registry = new WorkerRegistry({ redis, prefix })
  const host = hostname()
  const id = `${host}-${process.pid}-${randomBytes(4).toString('hex')}`
  const known = { id, device, pid: process.pid, host, startedAtMs: Date.now(), models: [...engine.models] }
  const announce = () => registry.announce({ ...known, busySlots: engine.busySlots() })
  // While Redis is away nobody can read the list, and the entry is gone five seconds later.
  life.defer('registry', () => (redis.status === 'ready' ? registry.withdraw(id) : undefined))
  await announce()
  const onError = (error: unknown) => logger.warn({ err: error }, 'could not announce the worker')
  void repeat(announce, { intervalMs, signal: life.signal, onError })
}
