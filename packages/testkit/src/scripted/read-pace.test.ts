import { expect, test } from 'vitest'
import { readPace } from './read-pace.ts'

test('unset and empty variables mean 32 tokens at 50 per second', () => {
  expect(readPace({})).toEqual({ tokens: 32, tokensPerSecond: 50 })
  expect(readPace({ SCRIPTED_TOKENS: '', SCRIPTED_TOKENS_PER_SECOND: '' })).toEqual({ tokens: 32, tokensPerSecond: 50 })
  expect(readPace({ SCRIPTED_TOKENS: '7', SCRIPTED_TOKENS_PER_SECOND: '0' })).toEqual({ tokens: 7, tokensPerSecond: 0 })
})

test.each(['-1', 'NaN', 'fast', 'Infinity', '0'])('SCRIPTED_TOKENS=%s is an error that names the variable', (value) => {
  expect(() => readPace({ SCRIPTED_TOKENS: value })).toThrow(`SCRIPTED_TOKENS: expected a whole number of at least 1`)
})
