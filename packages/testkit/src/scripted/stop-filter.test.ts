import { describe, expect, test } from 'vitest'
import { StopFilter } from './stop-filter.ts'

/** Everything that comes out, and whether it was stopped. */
function filterAll(pieces: string[], stops: string[]): { shown: string[]; rest: string; stopped: boolean } {
  const filter = new StopFilter(stops)
  const shown = pieces.map((piece) => filter.push(piece))
  return { shown, rest: filter.end(), stopped: filter.stopped }
}

test('without stop strings every piece goes through at once', () => {
  expect(filterAll(['a', '', 'b'], [])).toEqual({ shown: ['a', '', 'b'], rest: '', stopped: false })
})

test('a stop string over several pieces ends the text before it, and nothing comes after', () => {
  expect(filterAll(['one E', 'N', 'D two', ' three'], ['END'])).toEqual({
    shown: ['one ', '', '', ''],
    rest: '',
    stopped: true,
  })
})

test('what only looked like a stop string is delivered when it is clear, or at the end', () => {
  expect(filterAll(['a E', 'N', 'OUGH E', 'N'], ['END'])).toEqual({
    shown: ['a ', '', 'ENOUGH ', ''],
    rest: 'EN',
    stopped: false,
  })
})

test('of several stop strings the first in the text wins', () => {
  expect(filterAll(['a b c'], ['c', 'b'])).toMatchObject({ shown: ['a '], stopped: true })
})

describe('however the text is cut into pieces', () => {
  const texts = ['aabaab', 'ababac tail', 'xx\n\nyy', 'no stop here', '🌊🌊 mill', 'aaaaaaab']
  const stops = ['abac', '\n\n', 'aab', '🌊 ', 'aaab']

  test.each(texts)('%j gives the text before the first stop string', (text) => {
    const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index !== -1)
    const expected = found.length > 0 ? text.slice(0, Math.min(...found)) : text
    for (let size = 1; size <= text.length; size++) {
      const characters = Array.from(text)
      const pieces = characters.map((_, index) => characters.slice(index * size, (index + 1) * size).join(''))
      const { shown, rest } = filterAll(pieces, stops)
      expect(shown.join('') + rest).toBe(expected)
    }
  })
})
