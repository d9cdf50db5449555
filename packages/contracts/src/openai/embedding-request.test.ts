import { describe, expect, test } from 'vitest'
import { EmbeddingRequest } from './embedding-request.ts'
import { requestFailure } from './request-failure.ts'

describe('the four forms of input become one', () => {
  test.each([
    ['a text', 'a', ['a']],
    ['texts', ['a', 'b'], ['a', 'b']],
    ['tokens', [1, 2], [[1, 2]]],
    ['token arrays', [[1, 2], [3]], [[1, 2], [3]]],
  ])('%s', (_, input, inputs) => {
    expect(EmbeddingRequest.parse({ model: 'm', input }).input).toEqual(inputs)
  })
})

describe('a wrong request is refused with the path of its parameter', () => {
  test.each<[string, object]>([
    ['input', { input: undefined }],
    ['input', { input: null }],
    ['input', { input: '' }],
    ['input', { input: [] }],
    ['input', { input: 7 }],
    ['input', { input: { text: 'a' } }],
    ['input', { input: Array.from({ length: 2049 }, () => 'a') }],
    ['input', { input: [1, 'a'] }],
    ['input', { input: [1, -1] }],
    ['input', { input: [1.5] }],
    ['input[1]', { input: ['a', ''] }],
    ['input[1]', { input: ['a', [1]] }],
    ['input[1]', { input: ['a', null] }],
    ['input[1]', { input: [[1], []] }],
    ['input[0]', { input: [[2 ** 40]] }],
    ['input[0]', { input: [[['deep']]] }],
    ['encoding_format', { encoding_format: 'hex' }],
    ['colour', { colour: 'red' }],
  ])('%s %j', (param, extra) => {
    const { error } = EmbeddingRequest.safeParse({ model: 'm', input: 'a', ...extra })
    if (error === undefined) throw new Error('the request was accepted')
    const failure = requestFailure(error)
    expect(failure).toMatchObject({ code: 'invalid_request', param })
    expect(failure.message).toContain(param)
  })
})

test('dimensions is refused by name, and accepted as null', () => {
  const { error } = EmbeddingRequest.safeParse({ model: 'm', input: 'a', dimensions: 64 })
  if (error === undefined) throw new Error('the request was accepted')
  expect(requestFailure(error)).toMatchObject({ code: 'unsupported_parameter', param: 'dimensions' })
  expect(EmbeddingRequest.parse({ model: 'm', input: 'a', dimensions: null }).input).toEqual(['a'])
})
