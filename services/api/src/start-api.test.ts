import { setTimeout as sleep } from 'node:timers/promises'
import { collect, eventually, readSse, type ServerSentEvent } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { eachTestCluster } from './test-support/each-test-cluster.ts'
import { chat, chatPath } from './test-support/post.ts'
import { chatModel, embeddingModel } from './test-support/start-worker.ts'
import { key, type TestCluster } from './test-support/test-cluster.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

const clientOf = ({ url }: { url: string }) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
const answerTo = (text: string, tokens: number) => scriptedText({ messages: [{ role: 'user', text }] }, tokens)
const messages = (content: string) => [{ role: 'user' as const, content }]

async function postTo({ url }: { url: string }, body: object, signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return await fetch(url + chatPath, signal === undefined ? init : { ...init, signal })
}

/** The body rather than the response: node-server replaces the global `Response`, so `fetch` gives no instance of it. */
async function eventsOf({ body }: Response): Promise<ServerSentEvent[]> {
  if (body === null) throw new Error('no body')
  return await collect(readSse(body))
}

async function metric({ url }: { url: string }, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}{`))
      ?.split(' ')
      .at(-1),
  )
}

describe('the official client', () => {
  test('chats, streams, embeds, lists models and understands errors', async () => {
    await cluster.worker({ tokens: 12 })
    const client = clientOf(await cluster.api())
    const answer = await client.chat.completions.create({ model: chatModel, messages: messages('hello') })
    expect(answer.choices[0]?.message.content).toBe(answerTo('hello', 12))
    const stream = client.chat.completions.stream({ model: chatModel, messages: messages('hello') })
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe(answerTo('hello', 12))
    const { data } = await client.embeddings.create({ model: embeddingModel, input: ['a', 'b'] })
    expect(Math.hypot(...(data[1]?.embedding ?? []))).toBeCloseTo(1, 5)
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual([chatModel, embeddingModel])
    expect((await client.models.retrieve(chatModel)).id).toBe(chatModel)
    const unknown = client.chat.completions.create({ model: 'gpt-9', messages: messages('x') })
    await expect(unknown).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    const wrong = client.chat.completions.create({ model: chatModel, messages: messages('x'), temperature: 3 })
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'temperature', code: 'invalid_request' })
  })

  test('16 parallel streams all get their own text', async () => {
    await cluster.worker({ slots: 8, tokens: 40 })
    const client = clientOf(await cluster.api())
    const texts = Array.from({ length: 16 }, (_, index) => `question ${index}`)
    const answers = texts.map(async (text) => {
      const stream = client.chat.completions.stream({ model: chatModel, messages: messages(text) })
      return (await stream.finalChatCompletion()).choices[0]?.message.content
    })
    expect(await Promise.all(answers)).toEqual(texts.map((text) => answerTo(text, 40)))
  })
})

describe('a client that leaves', () => {
  test.each([true, false])('frees the slot (streaming: %s)', async (stream) => {
    const { engine } = await cluster.worker({ tokens: 10_000, tokensPerSecond: 50 })
    const api = await cluster.api()
    const leaving = new AbortController()
    const gone = postTo(api, chat('x', { stream, n: 2 }), leaving.signal).then((response) => response.text())
    await eventually(() => engine.busySlots() === 2)
    leaving.abort()
    await expect(gone).rejects.toThrow()
    await eventually(() => engine.busySlots() === 0)
    await eventually(async () => (await metric(api, 'millrace_requests_cancelled_total')) === 1)
  })

  test('takes its waiting job out of the queue', async () => {
    await cluster.worker({ slots: 1, tokens: 10_000, tokensPerSecond: 50 })
    const api = await cluster.api()
    const [running, waiting] = [new AbortController(), new AbortController()]
    const first = postTo(api, chat('first'), running.signal).catch(() => 'gone')
    const depth = () => metric(api, 'millrace_queue_depth')
    const second = postTo(api, chat('second'), waiting.signal).catch(() => 'gone')
    await eventually(async () => (await depth()) === 1)
    waiting.abort()
    await eventually(async () => (await depth()) === 0)
    running.abort()
    expect(await Promise.all([first, second])).toEqual(['gone', 'gone'])
  })
})

test('a stream that waits for a slot is kept alive by comments, and its answer comes whole', async () => {
  await cluster.worker({ slots: 1, tokens: 100, tokensPerSecond: 50 })
  const api = await cluster.api({ KEEP_ALIVE: '100ms' })
  const first = postTo(api, chat('first', { stream: true }))
  await sleep(50)
  const events = await eventsOf(await postTo(api, chat('second', { stream: true })))
  expect(events.filter(({ comment }) => comment === 'keep-alive').length).toBeGreaterThan(0)
  const chunks = events.filter(({ data }) => data.startsWith('{')).map(({ data }) => JSON.parse(data))
  expect(chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('')).toBe(answerTo('second', 100))
  await (await first).text()
})

test('two servers serve one cluster, and count its limits together', async () => {
  await cluster.worker({ tokens: 12 })
  const env = { RATE_LIMIT_RPM: '4' }
  const apis = [await cluster.api(env), await cluster.api(env)]
  const ask = (index: number) => postTo(apis[index % 2] ?? { url: '' }, chat(`q${index}`, { stream: true }))
  const responses = await Promise.all([0, 1, 2, 3].map(ask))
  for (const [index, response] of responses.entries()) {
    const events = await eventsOf(response)
    const texts = events.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0].delta.content ?? '')
    expect(texts.join('')).toBe(answerTo(`q${index}`, 12))
  }
  expect((await ask(4)).status).toBe(429)
  expect((await ask(5)).status).toBe(429)
})

describe('shutdown', () => {
  test('lets a stream end in its time', async () => {
    await cluster.worker({ tokens: 20, tokensPerSecond: 50 })
    const api = await cluster.api({ SHUTDOWN_TIMEOUT: '20s' })
    const response = await postTo(api, chat('x', { stream: true }))
    const closed = api.close()
    const events = await eventsOf(response)
    expect(events.at(-1)?.data).toBe('[DONE]')
    expect(JSON.stringify(events)).not.toContain('"error"')
    await closed
    await expect(postTo(api, chat('x'))).rejects.toThrow()
  })

  test('ends with an error and [DONE] what does not, and frees its slot', async () => {
    const { engine } = await cluster.worker({ tokens: 10_000, tokensPerSecond: 50 })
    const api = await cluster.api({ SHUTDOWN_TIMEOUT: '500ms' })
    const response = await postTo(api, chat('x', { stream: true }))
    const blocking = postTo(api, chat('y'))
    await eventually(() => engine.busySlots() === 2)
    const closed = api.close()
    const events = await eventsOf(response)
    expect(JSON.parse(events.at(-2)?.data ?? '')).toMatchObject({ error: { code: 'shutting_down' } })
    expect(events.at(-1)?.data).toBe('[DONE]')
    expect((await blocking).status).toBe(503)
    await closed
    await eventually(() => engine.busySlots() === 0)
  })
})

test('a request that nobody finishes ends at its deadline with an error', async () => {
  await cluster.worker({ tokens: 10_000, tokensPerSecond: 50 })
  const api = await cluster.api({ REQUEST_TIMEOUT: '1s' })
  const blocking = await postTo(api, chat('x'))
  expect(blocking.status).toBe(504)
  const events = await eventsOf(await postTo(api, chat('x', { stream: true })))
  expect(JSON.parse(events.at(-2)?.data ?? '')).toMatchObject({ error: { code: 'deadline_exceeded' } })
})
