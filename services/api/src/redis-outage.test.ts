import { ErrorBody } from '@millrace/contracts/openai'
import { collect, eventually, readSse, startRedis, type TestRedis } from '@millrace/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chat, chatPath, post } from './test-support/post.ts'
import { TestCluster } from './test-support/test-cluster.ts'

let server: TestRedis
let cluster: TestCluster

beforeEach(async () => {
  server = await startRedis()
  cluster = new TestCluster(server)
})
afterEach(async () => {
  await server.restart()
  await cluster.close()
  await server.stop()
})

/** The server dies as in a power cut, and its clients notice. */
async function killRedis(): Promise<void> {
  process.kill(server.pid, 'SIGKILL')
  await eventually(() => {
    try {
      return !process.kill(server.pid, 0)
    } catch {
      return true
    }
  })
}

test('while Redis is away everything fails at once with 503 and a time to come back, and works again afterwards', async () => {
  await cluster.worker({ tokens: 3 })
  const { app } = await cluster.app({ RATE_LIMIT_RPM: '100', MAX_CONCURRENT: '10' })
  expect((await post(app, chatPath, chat('x'))).status).toBe(200)
  await killRedis()
  for (const stream of [false, true]) {
    const startedAtMs = performance.now()
    const response = await post(app, chatPath, chat('x', { stream }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(ErrorBody.parse(await response.json()).error.code).toBe('queue_unavailable')
    expect(performance.now() - startedAtMs).toBeLessThan(3000)
  }
  expect((await app.request('/healthz')).status).toBe(200)
  const ready = await app.request('/readyz')
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'unready', reasons: ['Redis cannot be reached'] }])
  expect((await app.request('/metrics')).status).toBe(200)
  await server.restart()
  await eventually(async () => (await post(app, chatPath, chat('x'))).status === 200, { timeoutMs: 20_000 })
})

test('a stream that is open when Redis dies ends with an error, and does not hang', async () => {
  await cluster.worker({ tokens: 10_000, tokensPerSecond: 50 })
  const { app } = await cluster.app({ REQUEST_TIMEOUT: '1s' })
  const response = await post(app, chatPath, chat('x', { stream: true }))
  await killRedis()
  const events = await collect(readSse(response))
  expect(JSON.parse(events.at(-2)?.data ?? '')).toMatchObject({ error: { type: 'server_error' } })
  expect(events.at(-1)?.data).toBe('[DONE]')
})
