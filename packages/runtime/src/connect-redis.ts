import { Redis, type RedisOptions } from 'ioredis'

/**
 * What a connection is for. A `producer` serves someone who waits, so its commands fail within seconds when Redis is
 * away. A `consumer` works for the queue and a `subscriber` only listens: their commands wait until Redis is back.
 */
export type RedisRole = 'producer' | 'consumer' | 'subscriber'

export type ConnectRedisOptions = {
  /** `redis://` or `rediss://`, with credentials and a database number if needed. */
  url: string
  role: RedisRole
  /** Shown by Redis in `CLIENT LIST`, to find out who holds a connection. No spaces. */
  name: string
  /** Receives every connection error. Without a listener ioredis would print them to the console. */
  onError: (error: Error) => void
}

type RoleOptions = Pick<RedisOptions, 'maxRetriesPerRequest' | 'commandTimeout' | 'connectTimeout'>

const optionsByRole: Record<RedisRole, RoleOptions> = {
  producer: { maxRetriesPerRequest: 1, commandTimeout: 5_000, connectTimeout: 5_000 },
  // BullMQ refuses a worker's connection with any other value: its blocking commands must outlive a restart of Redis.
  consumer: { maxRetriesPerRequest: null },
  subscriber: { maxRetriesPerRequest: null },
}

const longestReconnectDelayMs = 2_000

/** Connects in the background, and reconnects for as long as it is not closed with `quit()` or `disconnect()`. */
export function connectRedis({ url, role, name, onError }: ConnectRedisOptions): Redis {
  const redis = new Redis(url, { ...optionsByRole[role], connectionName: name, retryStrategy: reconnectDelayMs })
  redis.on('error', onError)
  if (role === 'producer') failFastOnceConnected(redis)
  return redis
}

/** The very first commands wait for the first connection; after that, a command while Redis is away fails at once. */
function failFastOnceConnected(redis: Redis): void {
  redis.once('ready', () => {
    redis.options.enableOfflineQueue = false
  })
}

/** Grows to two seconds, with jitter, so that all processes do not come back in the same instant. */
function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), longestReconnectDelayMs) * (0.5 + Math.random() / 2)
}
