import type { JobEvent } from '@millrace/contracts/jobs'
import { expect, test } from 'vitest'
import { AttemptLog } from './attempt-log.ts'

const claim = { jobId: 'job', epoch: 1, lastSeq: 0 }
const event: JobEvent = { type: 'text-delta', text: 'a', tokens: [1] }

/** A log whose appends end when the test says so. */
function heldLog() {
  const held: { resolve: () => void; reject: (error: Error) => void }[] = []
  const append = () => new Promise<void>((resolve, reject) => void held.push({ resolve, reject }))
  return { held, log: new AttemptLog({ append }, claim) }
}

test('an engine does not wait for the round trip of a token, until too many are under way', async () => {
  const { held, log } = heldLog()
  for (let pushed = 0; pushed < 64; pushed++) await log.push(event)
  expect(held).toHaveLength(64)
  let goesOn = false
  const next = log.push(event).then(() => {
    goesOn = true
  })
  await new Promise(setImmediate)
  expect(goesOn).toBe(false)
  held[0]?.resolve()
  await next
})

test('the first refused append is known at once, and fails the flush', async () => {
  const { held, log } = heldLog()
  await log.push(event)
  await log.push(event)
  expect(log.failed.aborted).toBe(false)
  const refusal = new Error('fenced')
  for (const { reject } of held) reject(refusal)
  await new Promise(setImmediate)
  expect(log.failed.reason).toBe(refusal)
  await expect(log.flush()).rejects.toBe(refusal)
})
