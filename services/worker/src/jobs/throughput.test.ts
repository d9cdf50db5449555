import { expect, test } from 'vitest'
import { Throughput } from './throughput.ts'

function measured() {
  const clock = { nowMs: 0 }
  return { clock, throughput: new Throughput(() => clock.nowMs) }
}

test('is the tokens of the time in which something ran, whatever time passed between', () => {
  const { clock, throughput } = measured()
  throughput.begin('m')
  clock.nowMs = 2_000
  throughput.count('m', 100)
  throughput.end('m')
  clock.nowMs = 60_000
  expect(throughput.measure()).toEqual({ m: 50 })
  clock.nowMs = 90_000
  expect(throughput.measure()).toEqual({ m: 50 })
})

test('counts all that run at once, each model by itself', () => {
  const { clock, throughput } = measured()
  throughput.begin('m')
  throughput.begin('m')
  throughput.begin('other')
  clock.nowMs = 1_000
  throughput.count('m', 30)
  throughput.count('m', 30)
  throughput.count('other', 7)
  expect(throughput.measure()).toEqual({ m: 60, other: 7 })
})

test('follows a change of pace within a minute of work', () => {
  const { clock, throughput } = measured()
  throughput.begin('m')
  for (let second = 1; second <= 120; second++) {
    clock.nowMs = second * 1_000
    throughput.count('m', second <= 60 ? 100 : 10)
    throughput.measure()
  }
  expect(throughput.measure().m).toBeCloseTo(10 + 90 * Math.exp(-2), 0)
})

test('says nothing of what was never worked for', () => {
  expect(measured().throughput.measure()).toEqual({})
})
