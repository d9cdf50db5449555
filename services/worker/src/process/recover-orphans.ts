import type { ServedModel } from '@millrace/contracts/jobs'
import { JobRecovery, WorkerRegistry } from '@millrace/queue'
import type { Life, Logger } from '@millrace/runtime'
import type { Redis } from 'ioredis'
import { repeat } from './repeat.ts'

export type RecoverOrphansOptions = {
  redis: Redis
  prefix: string
  models: readonly ServedModel[]
  logger: Logger
  life: Pick<Life, 'defer' | 'signal'>
}

const intervalMs = 1_000

/**
 * Looks each second for jobs of this worker's models whose own worker has vanished from the registry (its node is gone,
 * or it does not answer any more), and brings them back to the queue. All workers look: to do it twice is harmless.
 */
export function recoverOrphans({ redis, prefix, models, logger, life }: RecoverOrphansOptions): void {
  const registry = new WorkerRegistry({ redis, prefix })
  const recovery = new JobRecovery({ redis, prefix })
  life.defer('job recovery', () => recovery.close())
  const sweep = async () => {
    const jobIds = await recovery.sweep(models, await registry.list())
    if (jobIds.length > 0) logger.warn({ jobIds }, 'took back the jobs of a worker that has vanished')
  }
  const onError = (error: unknown) => logger.warn({ err: error }, 'could not look for the jobs of vanished workers')
  void repeat(sweep, { intervalMs, signal: life.signal, onError })
}
