import type { WorkerStatus } from '@millrace/contracts/jobs'
import { uniquePrefix } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QueueFixture } from './queue-fixture.ts'
import { QueueKeys } from './queue-keys.ts'
import { WorkerRegistry } from './worker-registry.ts'

let fixture: QueueFixture
beforeAll(async () => {
  fixture = await QueueFixture.start()
})
afterAll(() => fixture.stop())

function status(id: string, busySlots = 0): WorkerStatus {
  const models = [{ id: 'm', kind: 'generation' as const, contextSize: 4096, slots: 8 }]
  return { id, device: 'cpu', pid: 1, host: 'here', startedAtMs: 1, models, consumers: [], draining: false, busySlots }
}

function setUp() {
  const [prefix, redis] = [uniquePrefix(), fixture.connect('producer')]
  return { registry: new WorkerRegistry({ redis, prefix }), keys: new QueueKeys(prefix), redis, prefix }
}

async function ids(registry: WorkerRegistry): Promise<string[]> {
  return (await registry.list()).map(({ id }) => id).sort()
}

describe('WorkerRegistry', () => {
  it('lists who announced itself, as last announced, and not who withdrew', async () => {
    const { registry, prefix } = setUp()
    expect(await registry.list()).toEqual([])
    await Promise.all(['a', 'b', 'c'].map((id) => registry.announce(status(id))))
    await registry.announce(status('b', 5))
    await registry.withdraw('a')
    expect(await ids(registry)).toEqual(['b', 'c'])
    expect(await registry.list()).toContainEqual(status('b', 5))
    expect(await ids(new WorkerRegistry({ redis: fixture.connect('producer'), prefix }))).toEqual(['b', 'c'])
  })

  it('gives a sign of life five seconds, then forgets the worker altogether', async () => {
    const { registry, redis, keys } = setUp()
    await registry.announce(status('dying'))
    await registry.announce(status('living'))
    const leftMs = await redis.pttl(keys.worker('dying'))
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(5000)
    await redis.pexpire(keys.worker('dying'), 0)
    expect(await ids(registry)).toEqual(['living'])
    expect(await redis.smembers(keys.workers)).toEqual(['living'])
    expect(await redis.pttl(keys.workers)).toBeGreaterThan(0)
  })

  it('is not upset by what another version wrote', async () => {
    const { registry, redis, keys } = setUp()
    await registry.announce(status('known'))
    await redis.set(keys.worker('strange'), '{"id":"strange","devices":["cpu"]}')
    await redis.set(keys.worker('broken'), '{')
    await redis.sadd(keys.workers, 'strange', 'broken')
    expect(await ids(registry)).toEqual(['known'])
  })
})
