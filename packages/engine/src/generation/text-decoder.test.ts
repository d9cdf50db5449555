import type { Token } from 'node-llama-cpp'
import { describe, expect, test } from 'vitest'
import { IncrementalDecoder } from './text-decoder.ts'

/** A tokenizer with one token a byte, as models fall back to for rare characters. */
const bytes = (tokens: readonly Token[]) => Buffer.from(tokens as readonly number[]).toString('utf8')
const tokensOf = (text: string) => [...Buffer.from(text)] as Token[]

describe('IncrementalDecoder', () => {
  test('never gives half a character, and loses none', () => {
    const text = 'a水🌊é!'
    const decoder = new IncrementalDecoder(bytes)
    const pieces = tokensOf(text).map((token) => decoder.push(token))
    expect(pieces.join('')).toBe(text)
    expect(pieces.join('|')).not.toContain('\ufffd')
  })

  test.each([0, 1, 2])('tokens that end one character and begin the next pass on what is whole (shift %i)', (shift) => {
    const text = 'の水車が回る川辺🌊'
    const groups = Buffer.from(`${' '.repeat(shift)}${text}`)
    const ofThree = (tokens: readonly Token[]) =>
      Buffer.concat(tokens.map((token) => groups.subarray(3 * token, 3 * token + 3))).toString('utf8')
    const decoder = new IncrementalDecoder(ofThree)
    const pieces = Array.from({ length: Math.ceil(groups.length / 3) }, (_, token) => decoder.push(token as Token))
    expect(pieces.join('').trimStart()).toBe(text)
    expect(pieces.filter((piece) => piece === '').length).toBeLessThan(3)
  })

  test('bytes that are no character come out rather than being held for ever', () => {
    const decoder = new IncrementalDecoder(bytes)
    const pieces = [0xff, 0xfe, 0xff, 0xfe, 0x41].map((byte) => decoder.push(byte as Token))
    expect(pieces.join('')).toContain('A')
  })

  test('a text that ends in the middle of a character ends before it', () => {
    const decoder = new IncrementalDecoder(bytes)
    const pieces = tokensOf('ok水').slice(0, -1)
    expect(pieces.map((token) => decoder.push(token)).join('') + decoder.flush()).toBe('ok')
  })
})
