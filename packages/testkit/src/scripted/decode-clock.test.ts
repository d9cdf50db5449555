import { expect, test } from 'vitest'
import { DecodeClock } from './decode-clock.ts'

test('all who wait get the same beat', async () => {
  for (const clock of [new DecodeClock(0), new DecodeClock(1000)]) {
    const beats = [clock.beat(), clock.beat(), clock.beat()]
    expect(new Set(beats).size).toBe(1)
    await Promise.all(beats)
    expect(beats).not.toContain(clock.beat())
  }
})

test('a pace is never exceeded over time, and several tokens fall on one beat when it is above 1000 per second', async () => {
  for (const tokensPerSecond of [200, 5000]) {
    const clock = new DecodeClock(tokensPerSecond)
    await clock.beat()
    let tokens = 0
    const begunAtMs = performance.now()
    for (let beat = 0; beat < 20; beat++) tokens += await clock.beat()
    const possible = ((performance.now() - begunAtMs + 11) / 1000) * tokensPerSecond
    expect(tokens).toBeLessThanOrEqual(possible)
    if (tokensPerSecond > 1000) expect(tokens).toBeGreaterThan(20)
  }
})

test('the first beat comes at once, and is one token however long nobody asked', async () => {
  const beats = await Promise.all([new DecodeClock(1).beat(), new DecodeClock(0.001).beat()])
  expect(beats).toEqual([1, 1])
})
