import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findRedisServer } from './find-redis-server.ts'
import { PortTakenError, startRedisProcess } from './redis-process.ts'
import { startRedis } from './start-redis.ts'

beforeEach(() => void vi.stubEnv('TEST_REDIS_URL', ''))
afterEach(() => void vi.unstubAllEnvs())

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { retryStrategy: null })
  redis.on('error', () => undefined)
  try {
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a server is private, durable and never evicts; stopping it leaves no process and no data', async () => {
  const server = await startRedis()
  const other = await startRedis()
  const config = await ask(server.url, (redis) => redis.config('GET', 'dir', 'appendonly', 'maxmemory-policy', 'bind'))
  const settings = Object.fromEntries(Array.from({ length: 4 }, (_, index) => (config as string[]).slice(index * 2)))
  expect(settings).toMatchObject({ appendonly: 'yes', 'maxmemory-policy': 'noeviction', bind: '127.0.0.1' })
  expect(other.port).not.toBe(server.port)
  await Promise.all([server.stop(), other.stop()])
  expect(isAlive(server.pid)).toBe(false)
  expect(existsSync(settings.dir ?? '')).toBe(false)
  await server.stop()
})

test.each(['in order', 'by SIGKILL'])('data and port outlive a restart of a server that ended %s', async (how) => {
  const server = await startRedis()
  try {
    const { pid, url } = server
    await ask(url, (redis) => redis.set('kept', 'yes'))
    // Redis writes to its append-only file before it answers, so even a killed process has lost nothing.
    if (how === 'by SIGKILL') process.kill(pid, 'SIGKILL')
    await server.restart()
    expect(server.pid).not.toBe(pid)
    expect(await ask(url, (redis) => redis.get('kept'))).toBe('yes')
  } finally {
    await server.stop()
  }
})

test('a folder of the caller is used and stays', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-own-'))
  try {
    const server = await startRedis({ dir })
    await server.stop()
    expect(existsSync(join(dir, 'appendonlydir'))).toBe(true)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('a port that somebody else listens on is told apart, so that another one is tried', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-taken-'))
  const taken = createServer().listen(0, '127.0.0.1')
  try {
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(startRedisProcess({ binary: findRedisServer(), port, dir })).rejects.toThrow(PortTakenError)
  } finally {
    taken.close()
    await rm(dir, { recursive: true })
  }
})

test('a server that does not start says why, with its own words', async () => {
  const starting = startRedisProcess({ binary: findRedisServer(), port: 1, dir: '/nowhere/at/all' })
  await expect(starting).rejects.toThrow(/did not start:[^]*nowhere/)
})

test('TEST_REDIS_URL is used as it is: neither stopped nor restarted', async () => {
  const own = await startRedis()
  try {
    vi.stubEnv('TEST_REDIS_URL', own.url)
    const used = await startRedis()
    expect(used).toMatchObject({ url: own.url, port: own.port, pid: own.pid })
    await used.stop()
    await expect(used.restart()).rejects.toThrow(/TEST_REDIS_URL/)
    expect(await ask(own.url, (redis) => redis.ping())).toBe('PONG')
  } finally {
    await own.stop()
  }
  await expect(startRedis()).rejects.toThrow('the Redis server at TEST_REDIS_URL cannot be used')
})

test('with fsync "always" what was answered survives a kill', async () => {
  const server = await startRedis({ fsync: 'always' })
  try {
    expect(await ask(server.url, (redis) => redis.config('GET', 'appendfsync'))).toContain('always')
    await ask(server.url, (redis) => redis.set('kept', 'yes'))
    process.kill(server.pid, 'SIGKILL')
    await server.restart()
    expect(await ask(server.url, (redis) => redis.get('kept'))).toBe('yes')
  } finally {
    await server.stop()
  }
})
