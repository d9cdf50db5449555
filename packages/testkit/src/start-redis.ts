import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedisServer } from './find-redis-server.ts'
import { freePort } from './free-port.ts'
import { PortTakenError, type RedisProcess, type RedisProcessOptions, startRedisProcess } from './redis-process.ts'
import type { TestRedis } from './test-redis.ts'
import { useRedisAt } from './use-redis-at.ts'

const attempts = 10

export type StartRedisOptions = Partial<Pick<RedisProcessOptions, 'dir' | 'fsync'>>

/**
 * Starts a private, real `redis-server` or `valkey-server` on a free port of 127.0.0.1: append-only file, no
 * eviction, data in `dir` or a temporary folder. It forces what it has written to the disk every second, or with
 * `fsync: 'always'` before it answers. With `TEST_REDIS_URL` in the environment it uses that server
 * instead, which it neither stops nor restarts.
 *
 * @throws Error when no server is on PATH or it does not start.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<TestRedis> {
  if (process.env.TEST_REDIS_URL) return useRedisAt(process.env.TEST_REDIS_URL)
  const binary = findRedisServer()
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'millrace-redis-')))
  const removeData = () => (options.dir ? undefined : rm(dir, { recursive: true, force: true }))
  try {
    const { server, ...settings } = await startOnFreePort({ binary, dir, fsync: options.fsync ?? 'everysec' })
    return new PrivateRedis(settings, server, removeData)
  } catch (error) {
    await removeData()
    throw error
  }
}

class PrivateRedis implements TestRedis {
  readonly url: string
  readonly port: number
  readonly #options: RedisProcessOptions
  readonly #removeData: () => Promise<void> | undefined
  #server: RedisProcess

  constructor(options: RedisProcessOptions, server: RedisProcess, removeData: () => Promise<void> | undefined) {
    this.port = options.port
    this.url = `redis://127.0.0.1:${options.port}`
    this.#options = options
    this.#server = server
    this.#removeData = removeData
  }

  get pid(): number {
    return this.#server.pid
  }

  async stop(): Promise<void> {
    await this.#server.stop()
    await this.#removeData()
  }

  async restart(): Promise<void> {
    await this.#server.stop()
    this.#server = await startRedisProcess(this.#options)
  }
}

/** Between choosing a port and listening on it, another process may take it: then another port is chosen. */
async function startOnFreePort(
  options: Omit<RedisProcessOptions, 'port'>,
): Promise<RedisProcessOptions & { server: RedisProcess }> {
  for (let attempt = 1; ; attempt++) {
    const settings = { ...options, port: await freePort() }
    try {
      return { ...settings, server: await startRedisProcess(settings) }
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === attempts) throw error
    }
  }
}
