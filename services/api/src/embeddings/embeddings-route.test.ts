import { EmbeddingList, ErrorBody } from '@millrace/contracts/openai'
import { startRedis, type TestRedis } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { post } from '../test-support/post.ts'
import { chatModel, embeddingModel, type TestWorker } from '../test-support/start-worker.ts'
import { TestCluster } from '../test-support/test-cluster.ts'

let server: TestRedis
let cluster: TestCluster
let workers: TestWorker[]
let app: Awaited<ReturnType<TestCluster['app']>>['app']

beforeAll(async () => {
  server = await startRedis()
  cluster = new TestCluster(server)
  workers = [await cluster.worker({ slots: 1 }), await cluster.worker({ slots: 1 })]
  app = (await cluster.app()).app
})
afterAll(async () => {
  await cluster.close()
  await server.stop()
})

const path = '/v1/embeddings'

async function embed(input: unknown, extra: object = {}): Promise<EmbeddingList> {
  const response = await post(app, path, { model: embeddingModel, input, ...extra })
  expect(response.status).toBe(200)
  return EmbeddingList.parse(await response.json())
}

describe('200', () => {
  test('a text has one normalised vector and its tokens counted', async () => {
    const { data, model, usage } = await embed('hello world')
    expect(model).toBe(embeddingModel)
    expect(data).toMatchObject([{ object: 'embedding', index: 0 }])
    const vector = data[0]?.embedding
    if (!Array.isArray(vector)) throw new Error('no floats')
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
  })

  test('base64 carries the same numbers', async () => {
    const [float, base64] = [await embed('a'), await embed('a', { encoding_format: 'base64' })]
    const text = base64.data[0]?.embedding
    if (typeof text !== 'string') throw new Error('no base64')
    const bytes = Buffer.from(text, 'base64')
    const numbers = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
    expect(numbers).toEqual(float.data[0]?.embedding)
  })

  test('2048 inputs are spread over the workers and come back in order', async () => {
    const inputs = Array.from({ length: 2048 }, (_, index) => `text ${index}`)
    const { data, usage } = await embed(inputs, { encoding_format: 'base64' })
    expect(data.map(({ index }) => index)).toEqual(inputs.map((_, index) => index))
    for (const index of [0, 31, 32, 1000, 2047]) {
      const alone = await embed(inputs[index], { encoding_format: 'base64' })
      expect(data[index]?.embedding).toBe(alone.data[0]?.embedding)
    }
    expect(usage.prompt_tokens).toBe(inputs.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0))
    const shares = workers.map(({ jobs }) => jobs.filter((job) => job.kind === 'embedding').length)
    expect(Math.min(...shares)).toBeGreaterThan(10)
  })

  test('tokens and token arrays are taken', async () => {
    expect((await embed([1, 2, 3])).usage.prompt_tokens).toBe(3)
    expect((await embed([[1, 2, 3], [4]])).data).toHaveLength(2)
  })
})

async function refusal(body: object) {
  const response = await post(app, path, { model: embeddingModel, input: 'a', ...body })
  const { error } = ErrorBody.parse(await response.json())
  return { status: response.status, code: error.code, param: error.param }
}

describe('400', () => {
  test.each([
    [{ input: '' }, 'invalid_request', 'input'],
    [{ input: [] }, 'invalid_request', 'input'],
    [{ input: ['a', ''] }, 'invalid_request', 'input[1]'],
    [{ input: Array.from({ length: 2049 }, () => 'a') }, 'invalid_request', 'input'],
    [{ dimensions: 64 }, 'unsupported_parameter', 'dimensions'],
    [{ model: chatModel }, 'invalid_request', 'model'],
  ])('%j', async (body, code, param) => {
    expect(await refusal(body)).toEqual({ status: 400, code, param })
  })
})

test('401 without a key', async () => {
  const response = await post(app, path, {}, { headers: { authorization: '' } })
  expect(response.status).toBe(401)
})

test('404 for a model that nobody knows', async () => {
  expect(await refusal({ model: 'nobody' })).toEqual({ status: 404, code: 'model_not_found', param: 'model' })
})
