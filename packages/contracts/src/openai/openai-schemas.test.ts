import { readFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import { beforeAll, expect, test } from 'vitest'
import { Failure } from '../failures/index.ts'
import type { ChatCompletion } from './chat-completion.ts'
import type { ChatCompletionChunk } from './chat-completion-chunk.ts'
import type { EmbeddingList } from './embedding-list.ts'
import { errorBody } from './error-body.ts'
import type { ModelList } from './model-list.ts'

const ajv = new Ajv({ strict: false })

beforeAll(async () => {
  const text = await readFile(new URL('__fixtures__/openai-schemas.json', import.meta.url), 'utf8')
  ajv.addSchema(JSON.parse(text), 'openai')
})

function problemsOf(schema: string, answer: unknown) {
  const validate = ajv.getSchema(`openai#/$defs/${schema}`)
  if (validate === undefined) throw new Error(`no schema ${schema}`)
  validate(answer)
  return validate.errors
}

const usage = {
  prompt_tokens: 3,
  completion_tokens: 2,
  total_tokens: 5,
  prompt_tokens_details: { cached_tokens: 1 },
}
const common = {
  id: 'chatcmpl-1',
  created: 1,
  model: 'm',
  system_fingerprint: 'fp_1',
  service_tier: 'default',
} as const

test("our chat completion is OpenAI's", () => {
  const answer: ChatCompletion = {
    ...common,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'x', refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage,
  }
  expect(problemsOf('CreateChatCompletionResponse', answer)).toBeNull()
})

test("our chunks are OpenAI's", () => {
  const chunk: ChatCompletionChunk = {
    ...common,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { role: 'assistant', content: 'x' }, logprobs: null, finish_reason: null }],
    usage: null,
  }
  expect(problemsOf('CreateChatCompletionStreamResponse', chunk)).toBeNull()
  expect(problemsOf('CreateChatCompletionStreamResponse', { ...chunk, choices: [], usage })).toBeNull()
})

test("our embeddings are OpenAI's", () => {
  const answer: EmbeddingList = {
    object: 'list',
    model: 'm',
    data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
    usage: { prompt_tokens: 1, total_tokens: 1 },
  }
  expect(problemsOf('CreateEmbeddingResponse', answer)).toBeNull()
})

test("our models are OpenAI's", () => {
  const answer: ModelList = { object: 'list', data: [{ id: 'm', object: 'model', created: 1, owned_by: 'millrace' }] }
  expect(problemsOf('ListModelsResponse', answer)).toBeNull()
})

test("our errors are OpenAI's", () => {
  expect(problemsOf('ErrorResponse', errorBody(new Failure('invalid_request', 'no', { param: 'n' })))).toBeNull()
  expect(problemsOf('ErrorResponse', errorBody(new Failure('overloaded', 'busy')))).toBeNull()
})

test('the check finds what is missing', () => {
  expect(problemsOf('ErrorResponse', { error: { message: 'x' } })).not.toBeNull()
})
