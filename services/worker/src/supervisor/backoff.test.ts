import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

const options = { firstMs: 100, longestMs: 700, healthyMs: 1000 }

test('the delay doubles with each crash, up to the longest', () => {
  const backoff = new Backoff(options)
  expect([0, 0, 999, 0, 0].map((healthyMs) => backoff.next(healthyMs))).toEqual([100, 200, 400, 700, 700])
})

test('a crash after a healthy run is the first one again', () => {
  const backoff = new Backoff(options)
  backoff.next(0)
  backoff.next(0)
  expect(backoff.next(1000)).toBe(100)
  expect(backoff.next(0)).toBe(200)
})
