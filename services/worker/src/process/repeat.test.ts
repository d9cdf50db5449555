import { eventually } from '@millrace/testkit'
import { expect, test } from 'vitest'
import { repeat } from './repeat.ts'

test('goes on after a turn that throws, and ends when the signal aborts', async () => {
  const stop = new AbortController()
  const errors: unknown[] = []
  let turns = 0
  const turn = async () => {
    turns += 1
    if (turns === 1) throw new Error('not this time')
  }
  const onError = (error: unknown) => void errors.push(error)
  const repeating = repeat(turn, { intervalMs: 1, signal: stop.signal, onError })
  await eventually(() => turns >= 3)
  stop.abort()
  await repeating
  expect(errors).toEqual([new Error('not this time')])
})

test('does not wait out the pause', async () => {
  const stop = new AbortController()
  const turn = async () => stop.abort()
  await repeat(turn, { intervalMs: 3_600_000, signal: stop.signal, onError: () => undefined })
})
