import { Failure } from '@millrace/contracts/failures'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inspectJson } from './inspect-json.ts'

function refusalOf(json: string) {
  try {
    inspectJson(JSON.parse(json))
  } catch (error) {
    if (error instanceof Failure) return { status: error.traits.status, param: error.param }
    throw error
  }
  return undefined
}

test.each([
  ['an infinite number', '{"temperature":1e999}', 'temperature'],
  ['a negative infinite number in an array', '{"input":[1,-1e999]}', 'input[1]'],
  ['a lone surrogate in a string', '{"messages":[{"content":"\\ud83c"}]}', 'messages[0].content'],
  ['a lone surrogate in a string of an array', '{"stop":["a","\\udf0a"]}', 'stop[1]'],
  ['a lone surrogate in a name', '{"metadata":{"\\ud83c":1}}', 'metadata'],
  ['a lone surrogate as the whole body', '"\\ud83c"', undefined],
  ['arrays nested a thousandfold', `{"input":${'['.repeat(1000)}${']'.repeat(1000)}}`, 'input'],
  ['objects nested a hundred thousandfold', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'a'],
  ['more properties than fit', `{"a":[${'{"b":1},'.repeat(100_000)}1]}`, undefined],
])('%s is refused', (_, json, param) => {
  expect(refusalOf(json)).toEqual({ status: 400, param })
})

test('ordinary JSON passes', () => {
  const ordinary = fc.jsonValue({ maxDepth: 20, stringUnit: 'grapheme', noUnicodeString: false })
  fc.assert(fc.property(ordinary, (value) => inspectJson(value) === undefined))
})

test('a whole character of two surrogates passes', () => {
  expect(refusalOf('{"content":"\\ud83c\\udf0a"}')).toBeUndefined()
})
