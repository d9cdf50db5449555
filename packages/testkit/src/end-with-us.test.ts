import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { endWithUs } from './end-with-us.ts'
import { eventually } from './eventually.ts'

const fixture = new URL('./end-with-us.fixture.ts', import.meta.url)

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)('a guarded process ends with one that %s ends', async (signal) => {
  const owner = fork(fixture)
  const [{ guarded }] = await once(owner, 'message')
  expect(isAlive(guarded)).toBe(true)
  owner.kill(signal)
  await eventually(() => !isAlive(guarded))
})

test('a guard that was called off does nothing', async () => {
  const other = spawn('sleep', ['60'])
  try {
    const callOff = endWithUs(other.pid ?? 0)
    callOff()
    expect(isAlive(other.pid ?? 0)).toBe(true)
  } finally {
    other.kill('SIGKILL')
  }
})
