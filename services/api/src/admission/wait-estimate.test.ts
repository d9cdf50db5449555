import { expect, test } from 'vitest'
import { describeWait, estimateWait, waitHeaders } from './wait-estimate.ts'

test('what waits in front and half of what runs, at the pace of the workers, is the time until the start', () => {
  const wait = estimateWait(
    { jobsAhead: 3, jobsWaiting: 12, tokensWaiting: 1_000, tokensRunning: 100 },
    { tokensPerSecond: 10 },
  )
  expect(wait).toEqual({ jobsAhead: 3, startsInSeconds: 30 })
  expect(describeWait(wait)).toBe('waiting: queue position 4, estimated start in 30 s')
  expect(waitHeaders(wait)).toEqual([
    ['x-queue-position', '4'],
    ['x-queue-eta-seconds', '30'],
  ])
})

test('with nobody in front there is no wait, whatever the pace', () => {
  expect(
    estimateWait({ jobsAhead: 0, jobsWaiting: 0, tokensWaiting: 0, tokensRunning: 0 }, { tokensPerSecond: undefined })
      .startsInSeconds,
  ).toBe(0)
})

test('without a measured pace no time is made up', () => {
  const wait = estimateWait(
    { jobsAhead: 1, jobsWaiting: 2, tokensWaiting: 100, tokensRunning: 0 },
    { tokensPerSecond: undefined },
  )
  expect(describeWait(wait)).toBe('waiting: queue position 2')
  expect(waitHeaders(wait)).toEqual([['x-queue-position', '2']])
})

test('who finds a free slot starts at once, whatever runs beside it', () => {
  const busy = { jobsAhead: 1, jobsWaiting: 2, tokensWaiting: 100, tokensRunning: 1_000 }
  expect(estimateWait(busy, { tokensPerSecond: 10, freeSlots: 2 }).startsInSeconds).toBe(0)
  expect(estimateWait(busy, { tokensPerSecond: 10, freeSlots: 1 }).startsInSeconds).toBe(55)
})
