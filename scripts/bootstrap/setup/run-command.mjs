import { spawn } from 'node:child_process'
import { Interrupted, Problem } from './problem.mjs'

const stopGraceMs = 10_000
const keptOutputCharacters = 20_000

/**
 * Runs a program to its end, in a process group of its own: so it gets the wish to stop once, from here, together
 * with everything it started. With `output: 'inherit'` it writes to our terminal, else its output is returned.
 *
 * @throws Interrupted when `signal` is aborted; the program and what it started have ended then.
 * @throws Problem when the program cannot be started.
 */
export async function runCommand({ command, args, cwd, env, output, signal }) {
  if (signal.aborted) throw new Interrupted()
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', ...(output === 'inherit' ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
    detached: true,
  })
  const text = collectOutput(child)
  const stop = () => stopGroup(child)
  signal.addEventListener('abort', stop)
  try {
    const code = await untilEnded(child)
    if (signal.aborted) throw new Interrupted()
    return { code, output: text() }
  } catch (error) {
    if (error instanceof Interrupted) throw error
    throw new Problem(`${command} cannot be started: ${error.message}`)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function untilEnded(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signalName) => resolve(code ?? signalName))
  })
}

function stopGroup(child) {
  killGroup(child.pid, 'SIGTERM')
  const killer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), stopGraceMs)
  child.once('close', () => {
    clearTimeout(killer)
    killGroup(child.pid, 'SIGKILL')
  })
}

/** Signals a process that leads a group, and all of the group. A group that has ended already is fine. */
export function killGroup(pid, name) {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

function collectOutput(child) {
  let text = ''
  const keep = (chunk) => {
    text = (text + chunk).slice(-keptOutputCharacters)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => text
}
