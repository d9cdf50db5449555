import { expect, test } from 'vitest'
import { durationText } from './rate-limit-headers.ts'

test.each([
  [0, '0ms'],
  [19.2, '20ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1450, '1.5s'],
  [59_900, '59.9s'],
  [60_000, '1m0s'],
  [119_500, '2m0s'],
  [3_661_000, '61m1s'],
])('%d ms are written as %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text)
})
