import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { followSignals } from './follow-signals.ts'

test('aborts with the reason of the first source that aborts', () => {
  const [one, other] = [new AbortController(), new AbortController()]
  using stop = followSignals([one.signal, other.signal])
  other.abort('second')
  one.abort('first')
  expect(stop.signal.reason).toBe('second')
})

test('is aborted from the beginning when a source is', () => {
  using stop = followSignals([new AbortController().signal, AbortSignal.abort('before')])
  expect(stop.signal.reason).toBe('before')
})

test('leaves nothing behind on a source that lives on', () => {
  const source = new AbortController().signal
  followSignals([source])[Symbol.dispose]()
  expect(getEventListeners(source, 'abort')).toEqual([])
})
