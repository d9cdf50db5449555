import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'

test('it gives what the probe returns as soon as that is neither an error nor false', async () => {
  let calls = 0
  const value = await eventually(
    () => {
      calls += 1
      if (calls === 1) throw new Error('not yet')
      return calls === 2 ? false : 0
    },
    { intervalMs: 1 },
  )
  expect(value).toBe(0)
  expect(calls).toBe(3)
})

test('past its time it fails with the error of the last probe', async () => {
  const cause = new Error('three workers, not two')
  const waiting = eventually(() => Promise.reject(cause), { timeoutMs: 20, intervalMs: 1 })
  await expect(waiting).rejects.toThrow('not within 20 ms: three workers, not two')
  await expect(waiting).rejects.toMatchObject({ cause })
})

test('a probe that always returns false is named as such', async () => {
  await expect(eventually(() => false, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow('the probe returned false')
})

test('a probe that never returns does not hang the test', async () => {
  const waiting = eventually(() => new Promise(() => undefined), { timeoutMs: 20 })
  await expect(waiting).rejects.toThrow('the probe did not return in time')
})
