import { Failure } from '@millrace/contracts/failures'
import { ErrorBody } from '@millrace/contracts/openai'
import { eventually } from '@millrace/testkit'
import { describe, expect, test } from 'vitest'
import { eachTestCluster } from '../test-support/each-test-cluster.ts'
import { chat, chatPath, post } from '../test-support/post.ts'
import type { TestCluster } from '../test-support/test-cluster.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

const codeOf = async (response: Response) => ErrorBody.parse(await response.json()).error.code

describe.each(['redis', 'memory'])('429 with limits in %s', (store) => {
  test('after the last request of the minute, and only for the tenant that used it', async () => {
    await cluster.worker()
    const { app } = await cluster.app({ RATE_LIMIT_RPM: '2', RATE_LIMIT_STORE: store })
    const first = await post(app, chatPath, chat('x'))
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1')
    expect((await post(app, chatPath, chat('x', { stream: true }))).headers.get('x-ratelimit-remaining-requests')).toBe(
      '0',
    )
    const third = await post(app, chatPath, chat('x'))
    expect(third.status).toBe(429)
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(third.headers.get('x-ratelimit-limit-requests')).toBe('2')
    expect(third.headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+(\.\d)?s|1m0s)$/)
    expect(await codeOf(third)).toBe('rate_limit_exceeded')
    const other = { headers: { authorization: 'Bearer test-key-of-globex' } }
    expect((await post(app, chatPath, chat('x'), other)).status).toBe(200)
  })

  test('tokens are settled with what was really used', async () => {
    await cluster.worker()
    const { app } = await cluster.app({ RATE_LIMIT_TPM: '1000', RATE_LIMIT_STORE: store })
    // Each reserves more than 900 and uses 15.
    for (let request = 0; request < 5; request++) {
      expect((await post(app, chatPath, chat('x', { max_tokens: 90, n: 10, stop: ' ' }))).status).toBe(200)
    }
  })
})

test('429 with another code when the tokens of the day are used up', async () => {
  await cluster.worker({ tokens: 32 })
  const { app } = await cluster.app({ DAILY_TOKENS: '30' })
  expect((await post(app, chatPath, chat('x'))).status).toBe(200)
  const response = await post(app, chatPath, chat('x'))
  expect(response.status).toBe(429)
  expect(await codeOf(response)).toBe('insufficient_quota')
})

test('429 for more requests at once than allowed; the end of one lets the next in', async () => {
  await cluster.worker({ tokens: 1000, tokensPerSecond: 20 })
  const { app } = await cluster.app({ MAX_CONCURRENT: '1' })
  const running = await post(app, chatPath, chat('x', { stream: true }))
  const refused = await post(app, chatPath, chat('x'))
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('1')
  await running.body?.cancel()
  await eventually(async () => (await post(app, chatPath, chat('x', { max_tokens: 1 }))).status === 200)
})

test('a request that asks twice with one request id counts twice', async () => {
  await cluster.worker({ tokens: 1000, tokensPerSecond: 20 })
  const { app } = await cluster.app({ MAX_CONCURRENT: '1' })
  const headers = { 'x-request-id': 'same' }
  const running = await post(app, chatPath, chat('x', { stream: true }), { headers })
  expect((await post(app, chatPath, chat('x'), { headers })).status).toBe(429)
  await running.body?.cancel()
})

describe('503', () => {
  test('when no worker serves the model, saying when to come back', async () => {
    const { app } = await cluster.app()
    const response = await post(app, chatPath, chat('x'))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(response.headers.get('x-should-retry')).toBe('true')
    expect(await codeOf(response)).toBe('model_unavailable')
  })

  test('while the server shuts down', async () => {
    await cluster.worker()
    const { app, inFlight } = await cluster.app()
    await inFlight.drain({ timeoutMs: 0, failure: new Failure('overloaded', 'unused') })
    const response = await post(app, chatPath, chat('x'))
    expect(response.status).toBe(503)
    expect(await codeOf(response)).toBe('shutting_down')
  })
})
