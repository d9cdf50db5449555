import { describe, expect, test } from 'vitest'
import { StopMatcher } from './stop-matcher.ts'

function split(text: string, size: number): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
}

describe('StopMatcher', () => {
  test.each([1, 2, 3, 5, 100])('shows exactly what precedes the first stop string, in pieces of %i', (size) => {
    const matcher = new StopMatcher(['###', 'STOP'])
    const shown = split('one ## two STO three STOP four ###', size).map((piece) => matcher.push(piece))
    expect(shown.join('')).toBe('one ## two STO three ')
    expect(matcher.matched).toBe(true)
    expect(matcher.flush()).toBe('')
  })

  test('holds back no more than what may be the beginning of a stop string', () => {
    const matcher = new StopMatcher(['abcd'])
    expect(matcher.push('xab')).toBe('x')
    expect(matcher.push('c')).toBe('')
    expect(matcher.push('x')).toBe('abcx')
    expect(matcher.push('a')).toBe('')
    expect(matcher.flush()).toBe('a')
  })

  test('the earliest of several stop strings wins, also where they overlap', () => {
    const matcher = new StopMatcher(['bc', 'abx'])
    expect(matcher.push('za') + matcher.push('bc')).toBe('za')
  })

  test('finds stop strings of several bytes a character', () => {
    const matcher = new StopMatcher(['水車'])
    expect(['回る水', '車は'].map((piece) => matcher.push(piece)).join('')).toBe('回る')
  })

  test('without stop strings everything passes at once', () => {
    const matcher = new StopMatcher([])
    expect(matcher.push('anything')).toBe('anything')
  })
})
