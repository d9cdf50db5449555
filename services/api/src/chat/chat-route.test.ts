import { ChatCompletion, ChatCompletionChunk, ErrorBody } from '@millrace/contracts/openai'
import { collect, readSse, startRedis, type TestRedis } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chat, chatPath, post } from '../test-support/post.ts'
import { chatModel, embeddingModel, type TestWorker } from '../test-support/start-worker.ts'
import { TestCluster } from '../test-support/test-cluster.ts'

let server: TestRedis
let cluster: TestCluster
let worker: TestWorker
let app: Awaited<ReturnType<TestCluster['app']>>['app']

beforeAll(async () => {
  server = await startRedis()
  cluster = new TestCluster(server)
  worker = await cluster.worker({ tokens: 20 })
  app = (await cluster.app({ BODY_LIMIT: '20kb', PROMPT_TEXT: 'Be brief.', MAX_TOKENS: '100' })).app
})
afterAll(async () => {
  await cluster.close()
  await server.stop()
})

const answerTo = (text: string, tokens: number) =>
  scriptedText(
    {
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text },
      ],
    },
    tokens,
  )

async function streamOf(body: object): Promise<{ chunks: ChatCompletionChunk[]; ids: (string | undefined)[] }> {
  const response = await post(app, chatPath, { ...body, stream: true })
  expect(response.status).toBe(200)
  const events = await collect(readSse(response))
  expect(events.at(-1)).toEqual({ data: '[DONE]' })
  const chunks = events.slice(0, -1).map(({ data }) => ChatCompletionChunk.parse(JSON.parse(data)))
  return { chunks, ids: events.slice(0, -1).map(({ id }) => id) }
}

function textOf(chunks: readonly ChatCompletionChunk[], index = 0): string {
  const choices = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index)
  return choices.map(({ delta }) => delta.content ?? '').join('')
}

describe('200', () => {
  test('a blocking answer has the text, the reason and the exact usage', async () => {
    const response = await post(app, chatPath, chat('hello', { max_tokens: 7 }))
    expect(response.status).toBe(200)
    expect(response.headers.get('x-request-id')).toMatch(/^req_/)
    const body = ChatCompletion.parse(await response.json())
    expect(body.choices[0]).toMatchObject({ message: { content: answerTo('hello', 7) }, finish_reason: 'length' })
    expect(body.usage).toMatchObject({ completion_tokens: 7, total_tokens: body.usage.prompt_tokens + 7 })
  })

  test('a streamed answer has one id, the role first, the reason last and no usage unasked', async () => {
    const { chunks, ids } = await streamOf(chat('hello'))
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1)
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
    expect(textOf(chunks)).toBe(answerTo('hello', 20))
    const seqs = ids.map((id) => Number(id?.split(':')[1]))
    expect(ids.every((id) => id?.startsWith(`${chunks[0]?.id}:`))).toBe(true)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
  })

  test('the headers of a stream keep proxies from holding it back', async () => {
    const response = await post(app, chatPath, chat('hello', { stream: true }))
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    await response.body?.cancel()
  })

  test('the streamed and the blocking answer are the same, usage included', async () => {
    for (const extra of [{}, { n: 3 }, { max_tokens: 1 }, { stop: ' water' }, { stop: ['🌊', 'никогда'] }]) {
      const body = chat('the same?', { ...extra, temperature: 0, seed: 1 })
      const blocking = ChatCompletion.parse(await (await post(app, chatPath, body)).json())
      const { chunks } = await streamOf({ ...body, stream_options: { include_usage: true } })
      for (const { index, message, finish_reason } of blocking.choices) {
        expect(textOf(chunks, index)).toBe(message.content)
        const reasons = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
        expect(reasons.at(-1)?.finish_reason).toBe(finish_reason)
      }
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: blocking.usage })
      expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
    }
  })

  test('with several choices the prompt counts once and every completion counts', async () => {
    const body = ChatCompletion.parse(await (await post(app, chatPath, chat('x', { n: 4, max_tokens: 5 }))).json())
    expect(body.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    const single = ChatCompletion.parse(await (await post(app, chatPath, chat('x', { max_tokens: 5 }))).json())
    expect(body.usage).toMatchObject({ prompt_tokens: single.usage.prompt_tokens, completion_tokens: 20 })
  })

  test('the job carries what the client and the operator asked for', async () => {
    const body = chat('what arrives?', { seed: -3, temperature: 0.5, top_p: 0.9, stop: 'x', max_tokens: 1000 })
    await post(app, chatPath, body)
    const job = worker.jobs.findLast((each) => each.kind === 'generation')
    expect(job).toMatchObject({
      tenant: 'acme',
      model: chatModel,
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'what arrives?' },
      ],
      sampling: { temperature: 0.5, topP: 0.9, seed: 2 ** 32 - 1 - 3 },
      stop: ['x'],
      maxTokens: 100,
    })
  })

  test("the client's own request id is kept if it is harmless", async () => {
    const respond = (id: string) => post(app, chatPath, chat('x'), { headers: { 'x-request-id': id } })
    expect((await respond('mine-1')).headers.get('x-request-id')).toBe('mine-1')
    expect((await respond('<script>')).headers.get('x-request-id')).toMatch(/^req_/)
    expect((await respond('x'.repeat(1000))).headers.get('x-request-id')).toMatch(/^req_/)
  })
})

async function refusal(response: Response) {
  const { error } = ErrorBody.parse(await response.json())
  return { status: response.status, code: error.code, param: error.param, message: error.message }
}

describe('400', () => {
  test.each([
    ['broken JSON', '{"model":', 'invalid_json', null],
    ['an infinite number', '{"model":"m","messages":[],"temperature":1e999}', 'invalid_request', 'temperature'],
    ['a lone surrogate', JSON.stringify(chat('\ud83c')), 'invalid_request', 'messages[0].content'],
    ['deep nesting', `{"messages":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'invalid_request', 'messages'],
    ['a name that would change a prototype', '{"__proto__":{"model":"m"}}', 'invalid_request', 'model'],
    ['a wrong value', JSON.stringify(chat('x', { temperature: 3 })), 'invalid_request', 'temperature'],
    ['an unknown parameter', JSON.stringify(chat('x', { top_k: 3 })), 'invalid_request', 'top_k'],
    ['a parameter of the future', JSON.stringify(chat('x', { logprobs: true })), 'unsupported_parameter', 'logprobs'],
    ['a model for something else', JSON.stringify({ ...chat('x'), model: embeddingModel }), 'invalid_request', 'model'],
  ])('%s', async (_, body, code, param) => {
    expect(await refusal(await post(app, chatPath, body))).toMatchObject({ status: 400, code, param })
  })

  test.each([false, true])('a chat longer than the context, with its numbers (stream: %s)', async (stream) => {
    const response = await post(app, chatPath, chat('word '.repeat(3500), { stream }))
    const { message, ...rest } = await refusal(response)
    expect(rest).toEqual({ status: 400, code: 'context_length_exceeded', param: 'messages' })
    expect(message).toMatch(/4096.*\d{4}/)
  })
})

describe('401', () => {
  test.each(['', 'Bearer', 'Bearer ', 'Bearer wrong-key', 'Basic dGVzdA==', 'test-key-of-acme'])(
    'with the authorization %j, whatever the body',
    async (authorization) => {
      const response = await post(app, chatPath, 'no json', { headers: { authorization } })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(response.headers.get('x-request-id')).toMatch(/^req_/)
      const body = await response.text()
      expect(body).not.toContain('wrong-key')
      expect(ErrorBody.parse(JSON.parse(body)).error.code).toBe('invalid_api_key')
      expect(response.status).toBe(401)
    },
  )
})

test('404 for a model that nobody knows', async () => {
  const response = await post(app, chatPath, { ...chat('x'), model: 'gpt-9' })
  expect(await refusal(response)).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
})

test('413 for a body over the limit', async () => {
  const response = await post(app, chatPath, chat('x'.repeat(30_000)))
  expect(await refusal(response)).toMatchObject({ status: 413, code: 'payload_too_large' })
})

test('415 for a body that is no JSON by its own account', async () => {
  const response = await post(app, chatPath, chat('x'), { headers: { 'content-type': 'text/plain' } })
  expect(await refusal(response)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
})

describe('500', () => {
  test.each([false, true])('when the engine fails, without its words (stream: %s)', async (stream) => {
    const response = await post(app, chatPath, chat('[fail]', { stream }))
    // The scripted engine fails after its first event, so the stream has begun already.
    const text = await response.text()
    expect(text).not.toContain('scripted')
    const body: unknown = JSON.parse(
      stream ? (text.split('\n').findLast((line) => line.includes('error')) ?? '').slice(6) : text,
    )
    expect(ErrorBody.parse(body).error).toMatchObject({ code: 'internal_error', type: 'server_error' })
    if (stream) expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    else expect(response.status).toBe(500)
  })
})
