import { randomUUID } from 'node:crypto'
import { closeLog, DeltaLogReader } from '@millrace/delta-log'
import { JobQueue, WorkerRegistry } from '@millrace/queue'
import { connectRedis, type Life, type Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import type { Redis } from 'ioredis'
import { SharedJobs } from './coalescing/shared-jobs.ts'
import { JobDispatcher } from './jobs/job-dispatcher.ts'

export type ConnectClusterOptions = { settings: Settings; logger: Logger; life: Pick<Life, 'defer'> }

export type Cluster = {
  redis: Redis
  queue: JobQueue
  workers: WorkerRegistry
  dispatcher: JobDispatcher
  sharedJobs: SharedJobs
}

/** The parts of the cluster that this service talks to, all of them in Redis. */
export function connectCluster({ settings, logger, life }: ConnectClusterOptions): Cluster {
  const { redisUrl: url, redisPrefix: prefix, logTtlMs: ttlMs } = settings
  if (url === undefined) throw new Error('REDIS_URL is not set: there is no cluster without Redis.')
  const connect = (role: 'producer' | 'subscriber') => {
    const onError = (error: Error) => logger.warn({ err: error, role }, 'Redis connection')
    const redis = connectRedis({ url, role, name: `millrace-api-${role}`, onError })
    life.defer(`Redis ${role}`, () => redis.disconnect())
    return redis
  }
  const [redis, subscriber] = [connect('producer'), connect('subscriber')]
  const log = new DeltaLogReader({ redis, subscriber, prefix, ttlMs, replicaId: randomUUID() })
  life.defer('delta logs', () => log.closeAll())
  const queue = new JobQueue({ redis, prefix })
  life.defer('queue', () => queue.close())
  const sharedJobs = new SharedJobs({ redis, prefix })
  const dispatcher = new JobDispatcher({
    queue,
    sharing: sharedJobs,
    log: {
      open: (jobId) => log.open(jobId),
      read: (jobId, options) => log.read(jobId, options),
      logged: (jobId) => log.logged(jobId),
      forget: (jobId) => log.forget(jobId),
      end: (jobId, event) => closeLog({ redis, prefix, ttlMs, jobId, event }),
    },
  })
  return { redis, queue, dispatcher, sharedJobs, workers: new WorkerRegistry({ redis, prefix }) }
}
