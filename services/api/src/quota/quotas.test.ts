import { describe, expect, test, vi } from 'vitest'
import { eachTestCluster } from '../test-support/each-test-cluster.ts'
import type { TestCluster } from '../test-support/test-cluster.ts'
import { MemoryLeases } from './memory-leases.ts'
import { memoryQuotaStore, type QuotaLimits, type QuotaStore, quotaRules, redisQuotaStore } from './quota-rules.ts'
import { Quotas } from './quotas.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

const stores: [string, () => QuotaStore][] = [
  ['memory', () => memoryQuotaStore(new MemoryLeases())],
  ['redis', () => redisQuotaStore({ redis: cluster.redis(), prefix: cluster.prefix, leases: new MemoryLeases() })],
]

let holders = 0
const ask = (tokens: number, tenant = 't') => ({ tenant, tokens, holder: `h${holders++}` })

describe.each(stores)('quotas in %s', (_, createStore) => {
  const create = (limits: QuotaLimits) => new Quotas({ rules: quotaRules(limits, createStore()), onError: vi.fn() })

  test('without limits everything is let in, and there are no headers', async () => {
    expect(await create({}).admit(ask(1e9))).toMatchObject({ headers: [], refusal: undefined })
  })

  test('requests per minute: after the limit a tenant is told when to come back, another one is not', async () => {
    const quotas = create({ requestsPerMinute: 2 })
    const first = await quotas.admit(ask(1))
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
    })
    await quotas.admit(ask(1))
    const { refusal, headers } = await quotas.admit(ask(1))
    expect(refusal).toMatchObject({ code: 'rate_limit_exceeded' })
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(0)
    expect(refusal?.retryAfterSeconds).toBeLessThanOrEqual(60)
    expect(refusal?.message).toContain('2 requests per minute')
    expect(Object.fromEntries(headers)).toMatchObject({ 'x-ratelimit-remaining-requests': '0' })
    expect((await quotas.admit(ask(1, 'other'))).refusal).toBeUndefined()
  })

  test('tokens per minute: what was reserved and not used is given back', async () => {
    const quotas = create({ tokensPerMinute: 100 })
    const { settle } = await quotas.admit(ask(90))
    expect((await quotas.admit(ask(20))).refusal).toMatchObject({ code: 'rate_limit_exceeded' })
    await settle(10)
    await settle(0)
    const { refusal, headers } = await quotas.admit(ask(20))
    expect(refusal).toBeUndefined()
    expect(Object.fromEntries(headers)).toMatchObject({ 'x-ratelimit-remaining-tokens': '70' })
  })

  test('tokens per minute: what was used beyond the reservation is charged', async () => {
    const quotas = create({ tokensPerMinute: 100 })
    const { settle } = await quotas.admit(ask(10))
    await settle(100)
    expect((await quotas.admit(ask(1))).refusal).toMatchObject({ code: 'rate_limit_exceeded' })
  })

  test('tokens per day: the quota is used up, which is another code', async () => {
    const quotas = create({ tokensPerDay: 10 })
    await (await quotas.admit(ask(10))).settle(10)
    const { refusal } = await quotas.admit(ask(1))
    expect(refusal).toMatchObject({ code: 'insufficient_quota' })
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(3600)
  })

  test('a request larger than the whole window is let through when nothing else was', async () => {
    const quotas = create({ tokensPerMinute: 100 })
    expect((await quotas.admit(ask(5000))).refusal).toBeUndefined()
    expect((await quotas.admit(ask(1))).refusal).toBeDefined()
  })

  test('concurrent requests: the end of one lets the next in', async () => {
    const quotas = create({ concurrentRequests: 1 })
    const { settle } = await quotas.admit(ask(1))
    expect((await quotas.admit(ask(1))).refusal).toMatchObject({ code: 'rate_limit_exceeded', retryAfterSeconds: 1 })
    await settle(1)
    expect((await quotas.admit(ask(1))).refusal).toBeUndefined()
  })

  test('a request that one limit refuses uses none of the others up', async () => {
    const quotas = create({ requestsPerMinute: 10, tokensPerMinute: 10, concurrentRequests: 2 })
    await (await quotas.admit(ask(10))).settle(10)
    for (let attempt = 0; attempt < 20; attempt++) {
      expect((await quotas.admit(ask(5))).refusal?.message).toContain('tokens per minute')
    }
    const { headers } = await quotas.admit(ask(5))
    expect(Object.fromEntries(headers)).toMatchObject({ 'x-ratelimit-remaining-requests': '8' })
  })
})

test('replicas count together in Redis', async () => {
  const create = () => {
    const store = redisQuotaStore({ redis: cluster.redis(), prefix: cluster.prefix, leases: new MemoryLeases() })
    return new Quotas({ rules: quotaRules({ requestsPerMinute: 1 }, store), onError: vi.fn() })
  }
  expect((await create().admit(ask(1))).refusal).toBeUndefined()
  expect((await create().admit(ask(1))).refusal).toBeDefined()
})
