import { ErrorBody, ModelList, ModelObject } from '@millrace/contracts/openai'
import { eventually, startRedis, type TestRedis } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { chat, chatPath, post } from './test-support/post.ts'
import { chatModel, embeddingModel } from './test-support/start-worker.ts'
import { key, TestCluster } from './test-support/test-cluster.ts'

let server: TestRedis
let cluster: TestCluster
let app: Awaited<ReturnType<TestCluster['app']>>['app']

beforeAll(async () => {
  server = await startRedis()
  cluster = new TestCluster(server)
  await cluster.worker()
  app = (await cluster.app({ MODEL_ID: 'hf:some/Other-GGUF/other-Q4_0.gguf' })).app
})
afterAll(async () => {
  await cluster.close()
  await server.stop()
})

const OpenApi = z.object({ paths: z.record(z.string(), z.unknown()) })
const withKey = { headers: { authorization: `Bearer ${key}` } }

describe('/v1/models', () => {
  test('200: what is configured and what workers serve', async () => {
    const response = await app.request('/v1/models', withKey)
    const { data } = ModelList.parse(await response.json())
    const ids = data.map(({ id }) => id)
    expect(ids).toContain(chatModel)
    expect(ids).toContain(embeddingModel)
    expect(ids).toHaveLength(3)
    for (const id of ids) {
      const one = await app.request(`/v1/models/${id}`, withKey)
      expect(ModelObject.parse(await one.json()).id).toBe(id)
    }
  })

  test('401 without a key', async () => {
    expect((await app.request('/v1/models')).status).toBe(401)
    expect((await app.request(`/v1/models/${chatModel}`)).status).toBe(401)
  })

  test.each(['nobody', 'a/b/c:latest', 'hf:a/b', 'a%20b'])('404 for %s', async (id) => {
    const response = await app.request(`/v1/models/${id}`, withKey)
    expect(response.status).toBe(404)
    expect(ErrorBody.parse(await response.json()).error.code).toBe('model_not_found')
  })
})

describe('what needs no key', () => {
  test('/healthz says that the process lives', async () => {
    const response = await app.request('/healthz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'up' }])
  })

  test('/readyz says why it is not ready', async () => {
    const response = await app.request('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ status: 'unready', reasons: [expect.stringContaining('No worker serves')] })
  })

  test('/readyz is ready when a worker serves the default model', async () => {
    const ready = (await cluster.app()).app
    const response = await ready.request('/readyz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }])
  })

  test('/ tells a lost person where to go', async () => {
    const response = await app.request('/')
    expect(await response.text()).toContain('/openapi.json')
  })

  test('/openapi.json describes every route from its schemas', async () => {
    const document = OpenApi.parse(await (await app.request('/openapi.json')).json())
    expect(Object.keys(document.paths).sort()).toEqual([
      '/healthz',
      '/readyz',
      '/v1/chat/completions',
      '/v1/embeddings',
      '/v1/generations/{id}',
      '/v1/generations/{id}/stream',
      '/v1/models',
      '/v1/models/{id}',
    ])
    expect(document.paths['/v1/chat/completions']).toMatchObject({
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: { properties: { temperature: { type: ['number', 'null'], minimum: 0, maximum: 2 } } },
            },
          },
        },
      },
    })
  })

  test('/metrics counts requests, tokens and queues, and has no text of anybody', async () => {
    const ready = (await cluster.app()).app
    await post(ready, chatPath, chat('secret-prompt'))
    await post(ready, chatPath, chat('x', { temperature: 9 }))
    await ready.request('/made-up/path')
    const text = await eventually(async () => await (await ready.request('/metrics')).text())
    for (const line of [
      'millrace_requests_total{route="/v1/chat/completions",status="200",service="api"} 1',
      'millrace_requests_total{route="/v1/chat/completions",status="400",service="api"} 1',
      'millrace_requests_total{route="unknown",status="404",service="api"} 1',
      `millrace_generation_tokens_total{model="${chatModel}",service="api"} 32`,
      `millrace_queue_depth{model="${chatModel}",kind="generation",state="waiting",service="api"} 0`,
      'millrace_request_failures_total{code="invalid_request",service="api"} 1',
      'millrace_open_streams{service="api"} 0',
      'millrace_time_to_first_token_seconds_count',
      'millrace_inter_token_latency_seconds_count',
      'millrace_request_queue_time_seconds_count',
    ]) {
      expect(text).toContain(line)
    }
    expect(text).not.toMatch(/secret-prompt|made-up|test-key/)
  })
})

describe('404 and 405', () => {
  test('an unknown URL is named', async () => {
    const response = await app.request('/v1/chat/completion', { method: 'POST' })
    expect(response.status).toBe(404)
    expect(response.headers.get('x-request-id')).toMatch(/^req_/)
    const { error } = ErrorBody.parse(await response.json())
    expect(error).toMatchObject({ code: 'unknown_url', message: expect.stringContaining('POST /v1/chat/completion') })
  })

  test.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['DELETE', '/v1/embeddings', 'POST'],
    ['POST', '/v1/models', 'HEAD, GET'],
    ['PUT', '/v1/models/a/b', 'HEAD, GET'],
    ['POST', '/healthz', 'HEAD, GET'],
  ])('%s %s is not allowed, and what is, is said', async (method, path, allow) => {
    const response = await app.request(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(ErrorBody.parse(await response.json()).error.code).toBe('method_not_allowed')
  })
})
