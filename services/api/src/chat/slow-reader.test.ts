import { collect, eventually, readSse, startRedis, type TestRedis } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chat, chatPath, post } from '../test-support/post.ts'
import { TestCluster } from '../test-support/test-cluster.ts'

let server: TestRedis
let cluster: TestCluster

beforeAll(async () => {
  server = await startRedis()
  cluster = new TestCluster(server)
})
afterAll(async () => {
  await cluster.close()
  await server.stop()
})

test('an answer is taken from the log no faster than its client reads, and comes whole', async () => {
  const tokens = 2000
  const { engine } = await cluster.worker({ tokens })
  const { app } = await cluster.app()
  const framesTaken = async () => {
    const text = await (await app.request('/metrics')).text()
    return Number(/^millrace_inter_token_latency_seconds_count.* (\d+)$/m.exec(text)?.[1] ?? 0)
  }
  const response = await post(app, chatPath, chat('x', { stream: true }))
  await eventually(() => engine.busySlots() === 0)
  const takenUnread = await framesTaken()
  expect(takenUnread).toBeLessThan(5)
  const events = await collect(readSse(response))
  const text = events.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0].delta.content ?? '')
  expect(text.join('')).toBe(scriptedText({ messages: [{ role: 'user', text: 'x' }] }, tokens))
  expect(await framesTaken()).toBeGreaterThan(10 * takenUnread)
})
