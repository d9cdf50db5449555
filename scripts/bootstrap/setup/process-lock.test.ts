import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { processIdentity } from './process-identity.mjs'
import { lockHolder, takeLock } from './process-lock.mjs'

let file: string
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'millrace-lock-')), 'folder/some.lock')
})

/** A process that takes the lock, says so, and keeps it until it is killed. */
async function otherHolder(): Promise<ChildProcess> {
  const module = new URL('./process-lock.mjs', import.meta.url)
  const script = `import { takeLock } from ${JSON.stringify(module)}
    process.stdout.write(takeLock(${JSON.stringify(file)}).release ? 'taken' : 'refused')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('taken')
  return child
}

test('a lock is held by one process, which is named, until it is released', () => {
  const lock = takeLock(file)
  expect(takeLock(file)).toEqual({ holder: process.pid })
  expect(lockHolder(file)).toBe(process.pid)
  lock.release?.()
  expect(lockHolder(file)).toBeUndefined()
  expect(takeLock(file).release).toBeDefined()
})

test('the lock of a process that was killed is taken over, that of a living one is not', async () => {
  const other = await otherHolder()
  expect(takeLock(file)).toEqual({ holder: other.pid })
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(lockHolder(file)).toBeUndefined()
  const lock = takeLock(file)
  expect(lockHolder(file)).toBe(process.pid)
  lock.release?.()
  expect(readdirSync(dirname(file))).toEqual([])
})

test('a pid that another process has got since does not hold the lock', () => {
  takeLock(file).release?.()
  writeFileSync(file, JSON.stringify({ pid: process.ppid, identity: 'of an earlier process' }))
  expect(takeLock(file).release).toBeDefined()
})

test('a file that is no lock does not stand in the way', () => {
  takeLock(file).release?.()
  writeFileSync(file, 'half a lo')
  expect(takeLock(file).release).toBeDefined()
})

test('whoever releases late does not release the lock of the next holder', async () => {
  const lock = takeLock(file)
  writeFileSync(file, '{}')
  const other = await otherHolder()
  lock.release?.()
  expect(existsSync(file)).toBe(true)
  expect(lockHolder(file)).toBe(other.pid)
})

test('a process is told from others by more than its pid', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const pid = child.pid ?? 0
  const identity = processIdentity(pid)
  expect(identity).toBeDefined()
  expect(processIdentity(pid)).toBe(identity)
  expect(processIdentity(process.pid)).not.toBe(identity)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(processIdentity(pid)).toBeUndefined()
})
