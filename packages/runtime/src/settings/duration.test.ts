import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['30', 30_000],
  ['1.5s', 1500],
  ['0', 0],
])('%s is %i ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each([
  '',
  's',
  '-1s',
  '1 s',
  ' 1s',
  '1S',
  '1e3',
  '.5s',
  '1.s',
  'NaN',
  'Infinity',
  '1w',
  '1s2',
  '0x10',
  '١s',
  '1s\n',
])('%j is not a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
