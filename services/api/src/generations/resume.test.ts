import { ChatCompletion, ErrorBody } from '@millrace/contracts/openai'
import { eventually, type ServerSentEvent } from '@millrace/testkit'
import { describe, expect, test } from 'vitest'
import { eventsOf, firstEvents, generation, postChat, resume } from '../test-support/client.ts'
import { eachTestCluster } from '../test-support/each-test-cluster.ts'
import { chat } from '../test-support/post.ts'
import type { TestCluster } from '../test-support/test-cluster.ts'
import { GenerationObject } from './generation-object.ts'

let cluster: TestCluster
eachTestCluster((each) => {
  cluster = each
})

const globex = 'test-key-of-globex'
const two = async (env = {}) => [await cluster.api(env), await cluster.api(env)] as const
const generationOf = (events: readonly ServerSentEvent[]) => events[0]?.id?.split(':')[0] ?? ''

/** Chunks of each choice by themselves: between the choices the order is free. */
function byChoice(events: readonly ServerSentEvent[]): Record<string, string[]> {
  const choices: Record<string, string[]> = {}
  for (const { data } of events) {
    const index = data.startsWith('{') ? (JSON.parse(data).choices[0]?.index ?? 'usage') : 'end'
    choices[index] = [...(choices[index] ?? []), data]
  }
  return choices
}

async function codeOf(response: Response) {
  const { error } = ErrorBody.parse(await response.json())
  return { status: response.status, code: error.code, param: error.param, message: error.message }
}

describe('after its end', () => {
  test('a stream continues after every one of its events, on either server, byte for byte', async () => {
    await cluster.worker({ tokens: 8, tokensPerSecond: 50 })
    const apis = await two()
    const body = chat('x', { stream: true, stream_options: { include_usage: true } })
    const events = await eventsOf(await postChat(apis[0], body))
    const id = generationOf(events)
    expect(await eventsOf(await resume(apis[1], id))).toEqual(events)
    for (const [index, { id: lastEventId }] of events.entries()) {
      if (lastEventId === undefined) continue
      const rest = await eventsOf(await resume(apis[index % 2] ?? apis[0], id, { lastEventId }))
      expect(rest).toEqual(events.slice(index + 1))
    }
  })

  test('each choice continues after what the client has of it', async () => {
    await cluster.worker({ tokens: 8, tokensPerSecond: 50 })
    const apis = await two()
    const body = chat('x', { n: 3, stream: true, stream_options: { include_usage: true } })
    const events = await eventsOf(await postChat(apis[0], body))
    for (const [index, { id: lastEventId }] of events.entries()) {
      if (lastEventId === undefined) continue
      const rest = await eventsOf(await resume(apis[1], generationOf(events), { lastEventId }))
      expect(byChoice(rest)).toEqual(byChoice(events.slice(index + 1)))
    }
  })

  test('a blocking answer can be read as a stream', async () => {
    await cluster.worker({ tokens: 8 })
    const api = await cluster.api()
    const answer = ChatCompletion.parse(await (await postChat(api, chat('x'))).json())
    const events = await eventsOf(await resume(api, answer.id))
    const text = events.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0].delta.content ?? '')
    expect(text.join('')).toBe(answer.choices[0]?.message.content)
  })

  test('a failure is told again, whatever the client has', async () => {
    await cluster.worker({ tokens: 8 })
    const apis = await two()
    const events = await eventsOf(await postChat(apis[0], chat('[fail]', { stream: true })))
    const id = generationOf(events)
    const { position, status } = GenerationObject.parse(await (await generation(apis[1], id)).json())
    expect(status).toBe('failed')
    expect(await codeOf(await resume(apis[1], id, { lastEventId: position }))).toMatchObject({ status: 500 })
  })

  test('it is forgotten with its log', async () => {
    await cluster.worker({ tokens: 2 })
    const api = await cluster.api()
    const id = generationOf(await eventsOf(await postChat(api, chat('x', { stream: true }))))
    const redis = cluster.redis()
    await redis.del(`${cluster.prefix}:log:${id}:meta`, `${cluster.prefix}:log:${id}:frames`)
    for (const response of [await resume(api, id), await generation(api, id), await generation(api, id, {}, 'DELETE')])
      expect(await codeOf(response)).toMatchObject({ status: 404, code: 'generation_not_found' })
  })
})

describe('while it runs', () => {
  test.each([1, 3])(
    'a lost stream of %i choices continues on the other server without a gap or a repetition',
    async (n) => {
      const { engine } = await cluster.worker({ tokens: 60, tokensPerSecond: 50 })
      const apis = await two()
      const body = chat('x', { n, stream: true, stream_options: { include_usage: true } })
      const first = await firstEvents(await postChat(apis[0], body, { key: 'k' }), 10)
      const lastEventId = first.at(-1)?.id
      expect(engine.busySlots()).toBe(n)
      const rest = await eventsOf(await resume(apis[1], generationOf(first), { lastEventId }))
      const whole = await eventsOf(await resume(apis[1], generationOf(first)))
      expect(byChoice([...first, ...rest])).toEqual(byChoice(whole))
      expect(rest.at(-1)?.data).toBe('[DONE]')
    },
  )

  test('its state is told, its tokens counted, and its position resumes it', async () => {
    await cluster.worker({ tokens: 60, tokensPerSecond: 50 })
    const apis = await two()
    const first = await firstEvents(await postChat(apis[0], chat('x', { stream: true }), { key: 'k' }), 5)
    const id = generationOf(first)
    const stateOn = async (api: { url: string }) => GenerationObject.parse(await (await generation(api, id)).json())
    const running = await stateOn(apis[1])
    expect(running).toMatchObject({ id, status: 'running', finish_reasons: [null] })
    expect(running.usage.completion_tokens).toBeGreaterThan(2)
    expect(running.usage.completion_tokens).toBeLessThan(60)
    const rest = await eventsOf(await resume(apis[1], id, { lastEventId: running.position }))
    const completed = await stateOn(apis[0])
    expect(completed).toMatchObject({ status: 'completed', finish_reasons: ['stop'], usage: { completion_tokens: 60 } })
    expect(completed.position).toBe(rest.at(-2)?.id)
  })

  test('DELETE cancels it for every reader, and may be repeated', async () => {
    const { engine } = await cluster.worker({ tokens: 10_000, tokensPerSecond: 50 })
    const apis = await two()
    const response = await postChat(apis[0], chat('x', { n: 2, stream: true }))
    await eventually(() => engine.busySlots() === 2)
    const reading = eventsOf(response)
    const redis = cluster.redis()
    const names = await redis.keys(`${cluster.prefix}:generation:*`)
    const ids = names.map((name) => name.split(':').at(-1) ?? '')
    for (const id of [...ids, ...ids]) expect((await generation(apis[1], id, {}, 'DELETE')).status).toBe(204)
    expect(JSON.parse((await reading).at(-2)?.data ?? '')).toMatchObject({ error: { code: 'cancelled' } })
    await eventually(() => engine.busySlots() === 0)
    for (const id of ids) {
      const state = GenerationObject.parse(await (await generation(apis[0], id)).json())
      expect(state.status).toBe('cancelled')
    }
  })

  test('a waiting one is queued, and DELETE takes it out of the queue', async () => {
    await cluster.worker({ slots: 1, tokens: 10_000, tokensPerSecond: 50 })
    const api = await cluster.api()
    const leaving = new AbortController()
    const running = postChat(api, chat('first'), {}, leaving.signal).catch(() => 'gone')
    const waiting = postChat(api, chat('second'))
    const redis = cluster.redis()
    const states = async () => {
      const names = await redis.keys(`${cluster.prefix}:generation:*`)
      const answers = names.map(async (name) => (await generation(api, name.split(':').at(-1) ?? '')).json())
      return (await Promise.all(answers)).map((answer) => GenerationObject.parse(answer))
    }
    const queued = await eventually(async () => {
      const all = await states()
      return all.some(({ status }) => status === 'running') && all.find(({ status }) => status === 'queued')
    })
    if (!queued) throw new Error('none is queued')
    expect(queued.position).toBe(`${queued.id}:0`)
    await generation(api, queued.id, {}, 'DELETE')
    expect((await waiting).status).toBe(499)
    leaving.abort()
    expect(await running).toBe('gone')
  })
})

describe('refused', () => {
  test('400 for what is no event of the generation', async () => {
    await cluster.worker({ tokens: 4 })
    const api = await cluster.api()
    const id = generationOf(await eventsOf(await postChat(api, chat('x', { stream: true }))))
    for (const lastEventId of [
      '1',
      `${id}`,
      `${id}:`,
      `${id}:-1`,
      `${id}:1.1`,
      `${id}:1e3`,
      `${id}:99`,
      'chatcmpl-x:1',
    ]) {
      const expected = { status: 400, code: 'invalid_request', param: 'Last-Event-ID' }
      expect(await codeOf(await resume(api, id, { lastEventId }))).toMatchObject(expected)
    }
  })

  test('404 in the same words for an unknown one and for one of another tenant; 401 without a key', async () => {
    const { engine } = await cluster.worker({ tokens: 4 })
    const api = await cluster.api()
    const id = generationOf(await eventsOf(await postChat(api, chat('x', { stream: true }))))
    const answers = []
    for (const method of ['GET', 'DELETE']) {
      answers.push(await codeOf(await generation(api, id, { apiKey: globex }, method)))
      for (const unknown of ['chatcmpl-unknown', `${id}:lease`, `${id}-1`, 'a%2Fb', '%20'])
        answers.push(await codeOf(await generation(api, unknown, {}, method)))
    }
    answers.push(await codeOf(await resume(api, id, { apiKey: globex, lastEventId: `${id}:1` })))
    expect(answers.every(({ status, code }) => status === 404 && code === 'generation_not_found')).toBe(true)
    expect(new Set(answers.map(({ message }) => message)).size).toBe(1)
    expect((await generation(api, id, { apiKey: 'wrong' })).status).toBe(401)
    expect((await resume(api, id, { apiKey: 'wrong' })).status).toBe(401)
    expect(engine.busySlots()).toBe(0)
  })

  test('429: readings count as requests, not as tokens', async () => {
    await cluster.worker({ tokens: 4 })
    const api = await cluster.api({ RATE_LIMIT_RPM: '4', RATE_LIMIT_TPM: '100000', MAX_CONCURRENT: '1' })
    const posted = await postChat(api, chat('x', { stream: true, max_tokens: 4 }))
    const id = generationOf(await eventsOf(posted))
    const resumed = await resume(api, id)
    expect(resumed.headers.get('x-ratelimit-remaining-requests')).toBe('2')
    expect(resumed.headers.get('x-ratelimit-remaining-tokens')).toBeNull()
    await eventsOf(resumed)
    expect((await generation(api, id)).status).toBe(200)
    expect((await resume(api, id)).status).toBe(200)
    expect(await codeOf(await resume(api, id))).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    expect((await generation(api, id, {}, 'DELETE')).status).toBe(204)
  })
})
