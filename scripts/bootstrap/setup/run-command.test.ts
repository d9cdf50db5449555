import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@millrace/testkit'
import { expect, test } from 'vitest'
import { Problem } from './problem.mjs'
import { commandLineOf } from './process-identity.mjs'
import { runCommand } from './run-command.mjs'

const cwd = tmpdir()
const never = new AbortController().signal

/** Throws, so that it can be waited for. */
function positive(text = ''): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Error(`"${text}" is no pid`)
}

function shell(script: string, signal = never) {
  return runCommand({ command: 'sh', args: ['-c', script], cwd, env: process.env, output: 'capture', signal })
}

test('the exit code and both outputs come back', async () => {
  expect(await shell('echo out; echo err >&2; exit 3')).toEqual({ code: 3, output: expect.stringMatching(/out|err/) })
})

test('a program that is not there is a problem with its name', async () => {
  const missing = runCommand({ command: 'no-such-program', args: [], cwd, env: {}, output: 'capture', signal: never })
  await expect(missing).rejects.toThrow(/no-such-program cannot be started/)
  await expect(missing).rejects.toBeInstanceOf(Problem)
})

test('a stop ends the program and what it has started, and only then is told', async () => {
  const stop = new AbortController()
  const pidFile = join(mkdtempSync(join(tmpdir(), 'millrace-command-')), 'pid')
  const running = shell(`sleep 600 & echo $! > '${pidFile}'; wait`, stop.signal)
  const pid = await eventually(() => positive(readFileSync(pidFile, 'utf8')))
  await eventually(() => commandLineOf(pid) === 'sleep 600')
  stop.abort()
  await expect(running).rejects.toMatchObject({ name: 'Interrupted' })
  await eventually(() => commandLineOf(pid) === undefined)
})

test('after a stop nothing is started any more', async () => {
  await expect(shell('exit 0', AbortSignal.abort())).rejects.toMatchObject({ name: 'Interrupted' })
})
