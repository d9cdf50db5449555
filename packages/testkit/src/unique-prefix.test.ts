import { expect, test } from 'vitest'
import { uniquePrefix } from './unique-prefix.ts'

test('prefixes differ and can stand in a key, a channel and a glob pattern', () => {
  const prefixes = Array.from({ length: 1000 }, uniquePrefix)
  expect(new Set(prefixes).size).toBe(1000)
  expect(prefixes.filter((prefix) => !/^[\w-]+$/.test(prefix))).toEqual([])
})
