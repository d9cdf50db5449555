import type { ServiceClass } from '@millrace/contracts/jobs'
import { uniquePrefix } from '@millrace/testkit'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QueueFixture } from '../queue-fixture.ts'
import { QueueKeys } from '../queue-keys.ts'
import { Backlog } from './backlog.ts'

let fixture: QueueFixture
let redis: Redis
beforeAll(async () => {
  fixture = await QueueFixture.start()
  redis = fixture.connect('producer')
})
afterAll(() => fixture.stop())

const noLimits = { jobs: 10_000, tokens: 10_000_000, tenantShare: 1 }
const laterMs = () => Date.now() + 600_000

class Line {
  readonly prefix = uniquePrefix()
  readonly backlog = new Backlog({
    redis,
    keys: new QueueKeys(this.prefix),
    address: { kind: 'generation', model: 'm' },
  })

  /** Lets jobs in, without submitting them. */
  admit(
    tenant: string,
    ids: string[],
    { cost = 100, limits = noLimits, behind = 0, serviceClass = 'default' }: Asked = {},
  ) {
    const jobs = ids.map((id) => ({ id, costTokens: cost }))
    return this.backlog.admit({ jobs, tenant, serviceClass, behindTokens: behind, limits })
  }

  async wait(tenant: string, ids: string[], asked: Asked = {}) {
    const admittance = await this.admit(tenant, ids, asked)
    for (const id of ids) await this.backlog.submit({ id, deadlineAtMs: laterMs() })
    return admittance
  }

  async order(): Promise<string[]> {
    return (await this.backlog.front(1000)).map(({ id }) => id)
  }
}

type Asked = { cost?: number; limits?: typeof noLimits; behind?: number; serviceClass?: ServiceClass }
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`)

describe('whose turn it is', () => {
  test('a tenant with a thousand waiting jobs has one before that of a tenant who just came', async () => {
    const line = new Line()
    await line.wait('many', numbered('many', 1000))
    await line.backlog.start('many0')
    await line.wait('one', ['one'])
    expect((await line.order()).indexOf('one')).toBe(0)
  })

  test('tenants take turns by tokens: twice as long jobs come half as often', async () => {
    const line = new Line()
    await line.wait('long', numbered('long', 10), { cost: 200 })
    await line.wait('short', numbered('short', 20), { cost: 100 })
    const first = (await line.order()).slice(0, 12)
    expect(first.filter((id) => id.startsWith('long'))).toHaveLength(4)
  })

  test('equal turns go by the time of arrival', async () => {
    const line = new Line()
    for (const tenant of ['a', 'b', 'c']) await line.wait(tenant, [tenant])
    expect((await line.order()).map((id) => id)).toEqual(['a', 'b', 'c'])
  })

  test('a tenant that used less than was expected comes sooner for it', async () => {
    const line = new Line()
    await line.wait('modest', ['first'], { cost: 4096 })
    await line.wait('other', numbered('other', 10), { cost: 100 })
    await line.backlog.start('first')
    await line.backlog.leave('first', 150)
    await line.wait('modest', ['second'])
    expect((await line.order()).indexOf('second')).toBe(2)
  })

  test('a less urgent class waits behind, but not longer than so many tokens of work', async () => {
    const line = new Line()
    await line.wait('batch', ['line'], { serviceClass: 'batch', behind: 1_000 })
    await line.wait('chat', numbered('chat', 20), { cost: 100 })
    expect((await line.order()).indexOf('line')).toBe(11)
  })

  test('what runs lower classes does not cost a tenant its own turn', async () => {
    const line = new Line()
    await line.wait('both', numbered('line', 50), { serviceClass: 'batch', behind: 1_000 })
    await line.wait('both', ['chat'])
    expect((await line.order())[0]).toBe('chat')
  })

  test('a job that is given back waits where it waited before', async () => {
    const line = new Line()
    await line.wait('tenant', ['first', 'second'])
    expect(await line.backlog.start('first')).toEqual({ serviceClass: 'default', place: 0 })
    expect(await line.order()).toEqual(['second'])
    await line.backlog.giveBack('first')
    expect(await line.order()).toEqual(['first', 'second'])
  })
})

describe('bounds', () => {
  const jobs = { limits: { jobs: 10, tokens: 1_000_000, tenantShare: 1 } }

  test('beyond the most jobs nothing is let in, and nothing of it stays', async () => {
    const line = new Line()
    await line.wait('a', numbered('a', 9))
    const refused = await line.admit('b', ['b0', 'b1'], jobs)
    expect(refused).toMatchObject({ outcome: 'full', jobsWaiting: 9, tokensWaiting: 900, places: [] })
    expect(await line.admit('b', ['b0'], jobs)).toMatchObject({ outcome: 'admitted', jobsWaiting: 9 })
    expect(await line.admit('b', ['b1'], jobs)).toMatchObject({ outcome: 'full' })
  })

  test('beyond the most tokens nothing is let in', async () => {
    const line = new Line()
    const tokens = { limits: { jobs: 10, tokens: 1_000, tenantShare: 1 } }
    await line.wait('a', ['a0'], { cost: 900 })
    expect(await line.admit('b', ['b0'], { ...tokens, cost: 101 })).toMatchObject({ outcome: 'full' })
    expect(await line.admit('b', ['b0'], { ...tokens, cost: 100 })).toMatchObject({ outcome: 'admitted' })
  })

  test('one tenant cannot take more than its share, the others still can', async () => {
    const line = new Line()
    const shared = { limits: { jobs: 10, tokens: 1_000_000, tenantShare: 0.5 } }
    await line.wait('greedy', numbered('greedy', 5), shared)
    expect(await line.admit('greedy', ['more'], shared)).toMatchObject({ outcome: 'share-used', tenantJobs: 5 })
    expect(await line.admit('other', ['other'], shared)).toMatchObject({ outcome: 'admitted', tenantsWaiting: 1 })
  })

  test('what runs does not count, and what waits again does', async () => {
    const line = new Line()
    await line.wait('a', numbered('a', 10))
    await line.backlog.start('a0')
    expect(await line.admit('b', ['b0'], jobs)).toMatchObject({ outcome: 'admitted', jobsWaiting: 9 })
    await line.backlog.giveBack('a0')
    expect(await line.admit('b', ['b1'], jobs)).toMatchObject({ outcome: 'full', jobsWaiting: 11 })
  })

  test('however large, a request that finds nobody waiting is let in', async () => {
    const line = new Line()
    const small = { limits: { jobs: 2, tokens: 10, tenantShare: 0.1 } }
    expect(await line.admit('a', ['a0', 'a1', 'a2'], small)).toMatchObject({ outcome: 'admitted' })
  })
})

describe('book-keeping', () => {
  test('asking again for the same jobs changes nothing', async () => {
    const line = new Line()
    const first = await line.wait('a', ['x', 'y'])
    const again = await line.wait('a', ['x', 'y'])
    expect(again.places).toEqual(first.places)
    expect(again).toMatchObject({ jobsWaiting: 2, tokensWaiting: 200, tenantJobs: 2 })
    expect(await line.order()).toEqual(['x', 'y'])
  })

  test('a worker that is faster than the submission of the job does not upset the sums', async () => {
    const line = new Line()
    await line.admit('a', ['x'])
    await line.backlog.start('x')
    await line.backlog.submit({ id: 'x', deadlineAtMs: laterMs() })
    expect(await line.order()).toEqual([])
    expect(await line.admit('a', ['y'])).toMatchObject({ jobsWaiting: 0, tokensWaiting: 0, tenantsWaiting: 0 })
  })

  test('steps that come twice, or for jobs that nobody knows, do nothing', async () => {
    const line = new Line()
    await line.wait('a', ['x', 'y'])
    for (let time = 0; time < 2; time++) await line.backlog.start('x')
    for (let time = 0; time < 2; time++) await line.backlog.giveBack('x')
    for (let time = 0; time < 2; time++) await line.backlog.leave('y', 5)
    expect(await line.backlog.start('unknown')).toBeUndefined()
    await line.backlog.giveBack('unknown')
    await line.backlog.leave('unknown', 5)
    expect(await line.admit('b', ['z'])).toMatchObject({ jobsWaiting: 1, tokensWaiting: 100, tenantsWaiting: 1 })
  })

  test('nothing is left when the last job is over', async () => {
    const line = new Line()
    await line.wait('a', ['x', 'y'])
    await line.backlog.start('x')
    await line.backlog.leave('x', 30)
    await line.backlog.leave('y')
    expect(await redis.keys(`${line.prefix}:*`)).toEqual([])
  })

  test('jobs whose deadline is long gone are forgotten when the next one comes', async () => {
    const line = new Line()
    await line.admit('a', ['x'])
    await line.backlog.submit({ id: 'x', deadlineAtMs: Date.now() - 61_000 })
    expect(await line.admit('b', ['y'])).toMatchObject({ jobsWaiting: 0 })
  })

  test('tenants may be called anything', async () => {
    const line = new Line()
    const tenant = 'Müller & Söhne %d %s: 1 2'
    await line.wait(tenant, ['x'])
    expect(await line.admit(tenant, ['y'])).toMatchObject({ tenantJobs: 1, tenantTokens: 100 })
  })

  test('says where a job waits, and nothing of one that runs', async () => {
    const line = new Line()
    await line.wait('a', ['x', 'y', 'z'])
    await line.backlog.start('z')
    const running = { jobsWaiting: 2, tokensWaiting: 200, tokensRunning: 100 }
    expect(await line.backlog.position('y')).toEqual({ jobsAhead: 1, ...running })
    await line.backlog.giveBack('z')
    const waiting = { jobsWaiting: 3, tokensWaiting: 300, tokensRunning: 0 }
    expect(await line.backlog.position('y')).toEqual({ jobsAhead: 1, ...waiting })
    await line.backlog.start('y')
    expect(await line.backlog.position('y')).toBeUndefined()
  })
})
