import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChatCompletionRequest } from './chat-completion-request.ts'
import { EmbeddingRequest } from './embedding-request.ts'
import { requestFailure } from './request-failure.ts'

test('any JSON is accepted or refused with a 400, and never throws', () => {
  const body = fc.record(
    { model: fc.jsonValue(), messages: fc.jsonValue(), input: fc.jsonValue(), tools: fc.jsonValue() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (value) => {
      for (const schema of [ChatCompletionRequest, EmbeddingRequest]) {
        const { error } = schema.safeParse(value)
        if (error !== undefined) expect(requestFailure(error).traits.status).toBe(400)
      }
    }),
  )
})
