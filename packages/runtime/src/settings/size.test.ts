import { expect, test } from 'vitest'
import { parseSize } from './size.ts'

test.each([
  ['512', 512],
  ['512b', 512],
  ['64k', 65_536],
  ['50m', 52_428_800],
  ['16MiB', 16_777_216],
  ['16MB', 16_777_216],
  ['1.5g', 1_610_612_736],
  ['0', 0],
])('%s is %i bytes', (text, expected) => {
  expect(parseSize(text)).toBe(expected)
})

test.each(['', 'm', '-1m', '1 m', '1t', '1mi', '1mm', '1e3', 'NaN', 'Infinity', '1m\n'])('%j is not a size', (text) => {
  expect(parseSize(text)).toBeUndefined()
})
