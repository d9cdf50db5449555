import { ChatCompletion, ErrorBody } from '@millrace/contracts/openai'
import { eventually, type ServerSentEvent } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { describe, expect, test } from 'vitest'
import { eventsOf, firstEvents, generation, postChat, resume } from '../test-support/client.ts'
import { eachTestCluster } from '../test-support/each-test-cluster.ts'
import { chat } from '../test-support/post.ts'
import { readUntilBroken } from '../test-support/read-until-broken.ts'
import type { TestCluster } from '../test-support/test-cluster.ts'
import { GenerationObject } from './generation-object.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

const two = async (env = {}) => [await cluster.api(env), await cluster.api(env)] as const
const endless = { tokens: 10_000, tokensPerSecond: 50 }
const generationOf = (events: readonly ServerSentEvent[]) => events[0]?.id?.split(':')[0] ?? ''

const answerTo = (text: string, tokens: number) => scriptedText({ messages: [{ role: 'user', text }] }, tokens)

function textOf(events: readonly ServerSentEvent[]): string {
  const chunks = events.filter(({ data }) => data.startsWith('{')).map(({ data }) => JSON.parse(data))
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
}

async function codeOf(response: Response) {
  const { error } = ErrorBody.parse(await response.json())
  return { status: response.status, code: error.code, param: error.param }
}

describe('the same key', () => {
  test('gives the same stream again, from its beginning or after an event, while it runs and after its end', async () => {
    const { jobs } = await cluster.worker({ tokens: 40, tokensPerSecond: 50 })
    const apis = await two()
    const body = chat('x', { stream: true })
    const first = await firstEvents(await postChat(apis[0], body, { key: 'k' }), 5)
    const lastEventId = first.at(-1)?.id
    const rest = await eventsOf(await postChat(apis[1], body, { key: 'k', lastEventId }))
    const whole = [...first, ...rest]
    expect(textOf(whole)).toBe(answerTo('x', 40))
    expect(await eventsOf(await postChat(apis[0], body, { key: 'k' }))).toEqual(whole)
    expect(await eventsOf(await postChat(apis[1], body, { key: 'k', lastEventId }))).toEqual(rest)
    expect(jobs).toHaveLength(1)
  })

  test('gives the same blocking answer, while it is made and after', async () => {
    const { engine, jobs } = await cluster.worker({ tokens: 30, tokensPerSecond: 50 })
    const apis = await two()
    const ask = async (index: number) =>
      ChatCompletion.parse(await (await postChat(apis[index % 2] ?? apis[0], chat('x', { n: 2 }), { key: 'k' })).json())
    const first = ask(0)
    await eventually(() => engine.busySlots() === 2)
    const answers = await Promise.all([first, ask(1), ask(2)])
    answers.push(await ask(3))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(jobs).toHaveLength(2)
  })

  test('posted many times at once runs once', async () => {
    const { jobs } = await cluster.worker({ tokens: 10, tokensPerSecond: 50 })
    const apis = await two()
    const post = async (api: { url: string }) =>
      await eventsOf(await postChat(api, chat('x', { stream: true }), { key: 'k' }))
    const streams = await Promise.all(Array.from({ length: 12 }, (_, index) => post(apis[index % 2] ?? apis[0])))
    for (const events of streams) expect(events).toEqual(streams[0])
    expect(streams[0]?.at(-1)?.data).toBe('[DONE]')
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    expect(jobs).toHaveLength(1)
  })

  test('with another body is a conflict; the order of properties does not matter', async () => {
    await cluster.worker({ tokens: 4 })
    const apis = await two()
    const body = chat('x', { stream: true, temperature: 0 })
    const events = await eventsOf(await postChat(apis[0], body, { key: 'k' }))
    const turned = Object.fromEntries(Object.entries(body).reverse())
    expect(await eventsOf(await postChat(apis[1], turned, { key: 'k' }))).toEqual(events)
    for (const other of [chat('y', { stream: true }), chat('x'), { ...body, temperature: 1 }]) {
      const expected = { status: 409, code: 'idempotency_conflict', param: 'Idempotency-Key' }
      expect(await codeOf(await postChat(apis[1], other, { key: 'k' }))).toEqual(expected)
    }
  })

  test('of another tenant, and another key, is another generation', async () => {
    const { jobs } = await cluster.worker({ tokens: 4 })
    const api = await cluster.api()
    const ask = async (key: string, apiKey?: string) =>
      generationOf(
        await eventsOf(await postChat(api, chat('x', { stream: true }), { key, ...(apiKey ? { apiKey } : {}) })),
      )
    const ids = [await ask('k'), await ask('k', 'test-key-of-globex'), await ask('k2')]
    expect(new Set(ids).size).toBe(3)
    expect(jobs).toHaveLength(3)
  })

  test('tries again what failed; a stream that is resumed hears of the failure', async () => {
    const { jobs } = await cluster.worker({ tokens: 4 })
    const api = await cluster.api()
    const body = chat('[fail]', { stream: true })
    const failed = await eventsOf(await postChat(api, body, { key: 'k' }))
    const resumed = await postChat(api, body, { key: 'k', lastEventId: failed[0]?.id })
    expect(await codeOf(resumed)).toMatchObject({ status: 500 })
    expect(jobs).toHaveLength(1)
    expect(generationOf(await eventsOf(await postChat(api, body, { key: 'k' })))).not.toBe(generationOf(failed))
    expect(jobs).toHaveLength(2)
  })

  test('whose jobs were never queued queues them', async () => {
    await cluster.worker({ tokens: 4 })
    const apis = await two()
    const body = chat('x', { stream: true })
    const events = await eventsOf(await postChat(apis[0], body, { key: 'k' }))
    const id = generationOf(events)
    // As if the server had died between the claim and the queue.
    const redis = cluster.redis()
    const recordKey = `${cluster.prefix}:generation:${id}`
    const record = JSON.parse((await redis.get(recordKey)) ?? '')
    await redis.set(recordKey, JSON.stringify({ ...record, submitted: false }), 'KEEPTTL')
    await redis.del(`${cluster.prefix}:log:${id}:meta`, `${cluster.prefix}:log:${id}:frames`)
    const again = await eventsOf(await postChat(apis[1], body, { key: 'k' }))
    expect([generationOf(again), textOf(again)]).toEqual([id, textOf(events)])
  })

  test('cannot resume what is unknown, and must be a sensible one', async () => {
    await cluster.worker({ tokens: 4 })
    const api = await cluster.api()
    const body = chat('x', { stream: true })
    const lost = await postChat(api, body, { key: 'k', lastEventId: 'chatcmpl-x:1' })
    expect(await codeOf(lost)).toMatchObject({ status: 404, code: 'generation_not_found' })
    await eventsOf(await postChat(api, body, { key: 'k' }))
    const foreign = await postChat(api, body, { key: 'k', lastEventId: 'chatcmpl-x:1' })
    expect(await codeOf(foreign)).toMatchObject({ status: 400, param: 'Last-Event-ID' })
    for (const key of ['', 'x'.repeat(256), 'é']) {
      const expected = { status: 400, code: 'invalid_request', param: 'Idempotency-Key' }
      expect(await codeOf(await postChat(api, body, { key }))).toEqual(expected)
    }
  })
})

describe('a lost client', () => {
  test.each([true, false])('with a key leaves its generation running for the grace (streaming: %s)', async (stream) => {
    const { engine } = await cluster.worker(endless)
    const api = await cluster.api({ RESUME_GRACE: '1s' })
    const leaving = new AbortController()
    const lost = postChat(api, chat('x', { n: 2, stream }), { key: 'k' }, leaving.signal).then((response) =>
      response.text(),
    )
    await eventually(() => engine.busySlots() === 2)
    const leftAtMs = performance.now()
    leaving.abort()
    await expect(lost).rejects.toThrow()
    await eventually(() => engine.busySlots() === 0)
    expect(performance.now() - leftAtMs).toBeGreaterThan(900)
  })

  test('who comes back in time keeps it running, and leaves it another grace', async () => {
    const { engine, jobs } = await cluster.worker(endless)
    const apis = await two({ RESUME_GRACE: '400ms' })
    const body = chat('x', { stream: true })
    const first = await firstEvents(await postChat(apis[0], body, { key: 'k' }), 3)
    const resumed = await resume(apis[1], generationOf(first), { lastEventId: first.at(-1)?.id })
    // 60 events take longer than two graces.
    const next = await firstEvents(resumed, 60)
    expect(next).toHaveLength(60)
    expect(engine.busySlots()).toBe(1)
    await eventually(() => engine.busySlots() === 0)
    const state = GenerationObject.parse(await (await generation(apis[0], generationOf(first))).json())
    expect(state.status).toBe('cancelled')
    expect(jobs).toHaveLength(1)
  })

  test('of several one that still reads keeps it running', async () => {
    const { engine } = await cluster.worker({ tokens: 80, tokensPerSecond: 50 })
    const apis = await two({ RESUME_GRACE: '200ms' })
    const body = chat('x', { stream: true })
    const staying = await postChat(apis[0], body, { key: 'k' })
    await firstEvents(await postChat(apis[1], body, { key: 'k' }), 3)
    const events = await eventsOf(staying)
    expect(textOf(events)).toBe(answerTo('x', 80))
    expect(events.at(-2)?.data).toContain('"finish_reason":"stop"')
    expect(engine.busySlots()).toBe(0)
  })

  test('its tokens are counted although nobody reads them', async () => {
    await cluster.worker({ tokens: 30, tokensPerSecond: 50 })
    const api = await cluster.api()
    await firstEvents(await postChat(api, chat('x', { stream: true }), { key: 'k' }), 3)
    await eventually(async () => {
      const metrics = await (await fetch(`${api.url}/metrics`)).text()
      return /^millrace_generation_tokens_total.* 30$/m.test(metrics)
    })
  })

  test('without a key its generation ends at once', async () => {
    const { engine } = await cluster.worker(endless)
    const api = await cluster.api({ RESUME_GRACE: '1h' })
    const first = await firstEvents(await postChat(api, chat('x', { stream: true })), 3)
    await eventually(() => engine.busySlots() === 0)
    const state = GenerationObject.parse(await (await generation(api, generationOf(first))).json())
    expect(state.status).toBe('cancelled')
  })

  test('who reads the generation of another request does not end it by leaving', async () => {
    await cluster.worker({ tokens: 40, tokensPerSecond: 50 })
    const apis = await two()
    const response = await postChat(apis[0], chat('x', { stream: true }))
    const [record] = await cluster.redis().keys(`${cluster.prefix}:generation:*`)
    await firstEvents(await resume(apis[1], record?.split(':').at(-1) ?? ''), 3)
    expect((await eventsOf(response)).at(-2)?.data).toContain('"finish_reason":"stop"')
  })
})

test('a server that shuts down hands a stream with a key over: a hint when to come back, and the connection breaks', async () => {
  await cluster.worker({ tokens: 100, tokensPerSecond: 50 })
  const apis = await two({ SHUTDOWN_TIMEOUT: '300ms' })
  const body = chat('x', { stream: true })
  const response = await postChat(apis[0], body, { key: 'k' })
  const closed = apis[0].close()
  if (response.body === null) throw new Error('no body')
  const { text: cut } = await readUntilBroken(response.body)
  expect(cut).toMatch(/\n\nretry: 500\n\n$/)
  expect(cut).not.toContain('"error"')
  expect(cut).not.toContain('[DONE]')
  await closed
  const first = await eventsOf(new Response(cut))
  const rest = await eventsOf(await postChat(apis[1], body, { key: 'k', lastEventId: first.at(-1)?.id }))
  expect([...first, ...rest]).toEqual(await eventsOf(await postChat(apis[1], body, { key: 'k' })))
  expect(rest.at(-2)?.data).toContain('"finish_reason":"stop"')
})
