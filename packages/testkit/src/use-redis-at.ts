import { Redis } from 'ioredis'
import type { TestRedis } from './test-redis.ts'

/**
 * A server that somebody else runs, as a test server that tests can only use.
 *
 * @throws Error when it cannot be reached.
 */
export async function useRedisAt(url: string): Promise<TestRedis> {
  const info = await readServerInfo(url)
  return {
    url,
    port: Number(/^tcp_port:(\d+)/m.exec(info)?.[1]),
    pid: Number(/^process_id:(\d+)/m.exec(info)?.[1]),
    stop: async () => undefined,
    restart: async () => {
      throw new Error('the server at TEST_REDIS_URL was not started by this test, so it is not restarted')
    },
  }
}

async function readServerInfo(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null })
  redis.on('error', () => undefined)
  try {
    return await redis.info('server')
  } catch (error) {
    throw new Error('the Redis server at TEST_REDIS_URL cannot be used', { cause: error })
  } finally {
    redis.disconnect()
  }
}
