import { hostname } from 'node:os'
import { JobRecovery, WorkerRegistry } from '@millrace/queue'
import { connectRedis, type Life, type Logger } from '@millrace/runtime'

export type RecoverJobsOptions = {
  redisUrl: string
  prefix: string
  logger: Logger
  life: Pick<Life, 'defer'>
}

/**
 * Returns what to do when a worker process of this machine has died: its jobs go back to the queue at once, instead of
 * waiting until its locks run out. When Redis is away just then, the other workers find the jobs some seconds later.
 */
export function recoverJobs({ redisUrl: url, prefix, logger, life }: RecoverJobsOptions): (pid: number) => void {
  const onError = (error: unknown) => logger.warn({ err: error }, 'Redis connection')
  const redis = connectRedis({ url, role: 'producer', name: 'millrace-worker-supervisor', onError })
  life.defer('Redis', () => redis.disconnect())
  const registry = new WorkerRegistry({ redis, prefix })
  const recovery = new JobRecovery({ redis, prefix })
  const running = new Set<Promise<void>>()
  life.defer('job recovery', async () => {
    await Promise.all(running)
    await recovery.close()
  })

  async function recover(pid: number): Promise<void> {
    const host = hostname()
    const dead = (await registry.list()).filter((worker) => worker.pid === pid && worker.host === host)
    for (const worker of dead) {
      const jobIds = await recovery.recoverFrom(worker)
      await registry.withdraw(worker.id)
      if (jobIds.length > 0) logger.warn({ workerPid: pid, jobIds }, 'took back the jobs of a dead worker')
    }
  }
  return (pid) => {
    const attempt = recover(pid)
      .catch((error: unknown) => {
        logger.warn({ err: error, workerPid: pid }, 'could not take back the jobs of a dead worker')
      })
      .finally(() => running.delete(attempt))
    running.add(attempt)
  }
}
