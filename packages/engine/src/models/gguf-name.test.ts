import { expect, test } from 'vitest'
import { splitParts } from './gguf-name.ts'

test('the parts of a split model are listed in order', () => {
  expect(splitParts('a/big-00001-of-00003.gguf')).toEqual([
    'a/big-00001-of-00003.gguf',
    'a/big-00002-of-00003.gguf',
    'a/big-00003-of-00003.gguf',
  ])
})

test('a file of its own is its only part', () => {
  expect(splitParts('a/b.gguf')).toEqual(['a/b.gguf'])
})
