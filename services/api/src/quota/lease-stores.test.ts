import { eventually, startRedis, type TestRedis } from '@millrace/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TestCluster } from '../test-support/test-cluster.ts'
import type { LeaseStore } from './lease-counter.ts'
import { MemoryLeases } from './memory-leases.ts'
import { RedisLeases } from './redis-leases.ts'

let server: TestRedis
let cluster: TestCluster

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())
afterEach(() => cluster?.close())

function redisLeases(ttlMs = 30_000): RedisLeases {
  const onError = () => undefined
  return new RedisLeases({ redis: cluster.redis(), prefix: cluster.prefix, ttlMs, onError })
}

const stores: [string, () => LeaseStore][] = [
  ['memory', () => new MemoryLeases()],
  ['redis', () => redisLeases()],
]

describe.each(stores)('leases in %s', (_, create) => {
  test('at most the limit is held, each tenant for itself, and a released one is free again', async () => {
    cluster = new TestCluster(server)
    const store = create()
    const lease = (holder: string, tenant = 't') => ({ tenant, holder, limit: 2 })
    expect(await store.acquire(lease('a'))).toEqual({ granted: true, held: 1 })
    expect(await store.acquire(lease('b'))).toEqual({ granted: true, held: 2 })
    expect(await store.acquire(lease('c'))).toEqual({ granted: false, held: 2 })
    expect(await store.acquire(lease('d', 'other'))).toEqual({ granted: true, held: 1 })
    await store.release(lease('a'))
    expect(await store.acquire(lease('c'))).toEqual({ granted: true, held: 2 })
  })

  test('releasing what is not held does nothing', async () => {
    cluster = new TestCluster(server)
    const store = create()
    await store.release({ tenant: 't', holder: 'nobody' })
    expect(await store.acquire({ tenant: 't', holder: 'a', limit: 1 })).toEqual({ granted: true, held: 1 })
  })

  test('of many at once exactly the limit is let in', async () => {
    cluster = new TestCluster(server)
    const store = create()
    const attempts = Array.from({ length: 20 }, (_, i) => store.acquire({ tenant: 't', holder: `h${i}`, limit: 5 }))
    expect((await Promise.all(attempts)).filter(({ granted }) => granted)).toHaveLength(5)
  })
})

test('replicas count together', async () => {
  cluster = new TestCluster(server)
  const [one, other] = [redisLeases(), redisLeases()]
  expect(await one.acquire({ tenant: 't', holder: 'a', limit: 1 })).toMatchObject({ granted: true })
  expect(await other.acquire({ tenant: 't', holder: 'b', limit: 1 })).toMatchObject({ granted: false })
  await one.release({ tenant: 't', holder: 'a' })
  expect(await other.acquire({ tenant: 't', holder: 'b', limit: 1 })).toMatchObject({ granted: true })
})

test('the leases of a process that died end, those of a living one are renewed', async () => {
  cluster = new TestCluster(server)
  const [living, dead, asking] = [redisLeases(150), redisLeases(150), redisLeases(150)]
  await living.acquire({ tenant: 'living', holder: 'a', limit: 1 })
  await dead.acquire({ tenant: 'dead', holder: 'b', limit: 1 })
  dead.close()
  await eventually(async () => (await asking.acquire({ tenant: 'dead', holder: 'c', limit: 1 })).granted)
  expect(await asking.acquire({ tenant: 'living', holder: 'c', limit: 1 })).toMatchObject({ granted: false })
  living.close()
  asking.close()
})
