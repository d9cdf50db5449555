import { connectRedis, type Life } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import type { Redis } from 'ioredis'
import type { OutageLog } from './outage-log.ts'
import { StartRefusedError } from './start-refused-error.ts'

export type ConnectWorkerOptions = { settings: Settings; name: string; outages: OutageLog; life: Pick<Life, 'defer'> }

/** The two connections of a worker process: one that works for the queue and the logs, one that listens. */
export function connectWorker({ settings, name, outages, life }: ConnectWorkerOptions): {
  redis: Redis
  subscriber: Redis
} {
  const { redisUrl: url } = settings
  if (url === undefined) throw new StartRefusedError('REDIS_URL is not set: there is no cluster without Redis.')
  const connect = (role: 'consumer' | 'subscriber') => {
    const onError = (error: Error) => outages.warn(error, `Redis ${role}`)
    const redis = connectRedis({ url, role, name: `${name}-${role}`, onError })
    life.defer(`Redis ${role}`, () => redis.disconnect())
    return redis
  }
  return { redis: connect('consumer'), subscriber: connect('subscriber') }
}
