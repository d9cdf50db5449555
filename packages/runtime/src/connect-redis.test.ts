import { eventually, startRedis, type TestRedis, uniquePrefix } from '@millrace/testkit'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectRedis, type RedisRole } from './connect-redis.ts'

let server: TestRedis
const connections: Redis[] = []
const errors: Error[] = []

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())
afterEach(() => {
  for (const connection of connections.splice(0)) connection.disconnect()
  errors.splice(0)
})

function connect(role: RedisRole, url = server.url): Redis {
  const redis = connectRedis({ url, role, name: `test-${role}`, onError: (error) => errors.push(error) })
  connections.push(redis)
  return redis
}

/** Ends the server without a goodbye, and waits until the connection has seen it. */
async function crash(redis: Redis): Promise<void> {
  const closed = new Promise((resolve) => redis.once('close', resolve))
  process.kill(server.pid, 'SIGKILL')
  await closed
}

const settle = (promise: Promise<unknown>) => promise.then(String, (error: Error) => `failed: ${error.message}`)

test('a connection is named, so that CLIENT LIST tells whose it is', async () => {
  const redis = connect('producer')
  expect(await redis.client('GETNAME')).toBe('test-producer')
})

describe('a producer', () => {
  test('waits for its first connection, then fails at once while Redis is away, and works again after it', async () => {
    const redis = connect('producer')
    const key = uniquePrefix()
    expect(await redis.set(key, 'before')).toBe('OK')
    await crash(redis)
    expect(await settle(redis.get(key))).toMatch(/^failed: /)
    await server.restart()
    await eventually(async () => (await redis.get(key)) === 'before')
  })

  test('gives up a command that was on its way when the connection broke', async () => {
    const redis = connect('producer')
    await redis.ping()
    process.kill(server.pid, 'SIGSTOP')
    const onItsWay = settle(redis.get(uniquePrefix()))
    process.kill(server.pid, 'SIGKILL')
    expect(await onItsWay).toMatch(/^failed: /)
    await server.restart()
  })

  test('gives up on a server that never was there', async () => {
    expect(await settle(connect('producer', 'redis://127.0.0.1:1').ping())).toMatch(/^failed: /)
    expect(errors[0]?.message).toMatch(/ECONNREFUSED/)
  })
})

describe.each(['consumer', 'subscriber'] as const)('a %s', (role) => {
  test('keeps its commands until Redis is back', async () => {
    const redis = connect(role)
    const key = uniquePrefix()
    await redis.set(key, 'before')
    await crash(redis)
    const answer = settle(redis.get(key))
    await new Promise((resolve) => redis.once('reconnecting', resolve))
    await server.restart()
    expect(await answer).toBe('before')
  })
})

test('a subscriber hears its channels again after a restart of Redis', async () => {
  const subscriber = connect('subscriber')
  const heard: string[] = []
  const channel = `${uniquePrefix()}:frames`
  subscriber.on('message', (_, message) => heard.push(message))
  await subscriber.subscribe(channel)
  await server.restart()
  const producer = connect('producer')
  await eventually(async () => (await producer.publish(channel, 'again')) === 1)
  await eventually(() => heard.includes('again'))
})

test('closing a connection while Redis is away is quiet and final', async () => {
  const redis = connect('subscriber')
  await redis.subscribe(uniquePrefix())
  await crash(redis)
  redis.disconnect()
  await server.restart()
  expect(await connect('producer').client('LIST')).not.toContain('name=test-subscriber')
})
