import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Engine, WorkerStatus } from '@millrace/contracts/jobs'
import { WorkerRegistry } from '@millrace/queue'
import type { Life, Logger } from '@millrace/runtime'
import type { Redis } from 'ioredis'
import type { Throughput } from '../jobs/throughput.ts'
import { repeat } from './repeat.ts'

export type AnnounceWorkerOptions = {
  redis: Redis
  prefix: string
  /** `cpu` or `cuda:<uuid>`. */
  device: string
  engine: Pick<Engine, 'models' | 'busySlots'>
  throughput: Throughput
  logger: Logger
  life: Pick<Life, 'defer' | 'signal'>
}

const intervalMs = 1_000

/**
 * Shows the worker as alive until its jobs have ended; from the beginning of the shutdown on as one that takes no more.
 * Call it before anything takes jobs, and what it returns with the names of the consumers once they do: it resolves
 * when the worker is shown for the first time.
 */
export function announceWorker(options: AnnounceWorkerOptions): (consumers: string[]) => Promise<void> {
  const { redis, prefix, engine, throughput, logger, life } = options
  const registry = new WorkerRegistry({ redis, prefix })
  const known = identity(options)
  const stopping = new AbortController()
  // While Redis is away nobody can read the list, and the entry is gone five seconds later.
  life.defer('registry', async () => {
    stopping.abort()
    if (redis.status === 'ready') await registry.withdraw(known.id)
  })
  return async (consumers) => {
    const announce = async () => {
      const now = { busySlots: engine.busySlots(), throughput: throughput.measure(), draining: life.signal.aborted }
      const status = { ...known, ...now, consumers }
      if (!stopping.signal.aborted) await registry.announce(status)
    }
    const onError = (error: unknown) => logger.warn({ err: error }, 'could not announce the worker')
    life.signal.addEventListener('abort', () => void announce().catch(onError), { once: true })
    await announce()
    void repeat(announce, { intervalMs, signal: stopping.signal, onError })
  }
}

function identity({
  device,
  engine,
}: AnnounceWorkerOptions): Omit<WorkerStatus, 'consumers' | 'busySlots' | 'throughput' | 'draining'> {
  const host = hostname()
  const id = `${host}-${process.pid}-${randomBytes(4).toString('hex')}`
  return { id, device, pid: process.pid, host, startedAtMs: Date.now(), models: [...engine.models] }
}
