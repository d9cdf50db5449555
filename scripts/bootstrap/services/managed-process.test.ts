import { eventually } from '@millrace/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { commandLineOf } from '../setup/process-identity.mjs'
import { ManagedProcess } from './managed-process.ts'
import { unexpectedEnd } from './unexpected-end.ts'

async function node(script: string, onLine?: (line: string) => void): Promise<ManagedProcess> {
  const running = await ManagedProcess.start({
    name: 'the mill',
    command: process.execPath,
    args: ['-e', script],
    cwd: process.cwd(),
    env: process.env,
    ...(onLine ? { onLine } : {}),
  })
  onTestFinished(() => running.stop({ graceMs: 0 }))
  return running
}

/** Throws, so that it can be waited for. */
function positive(text = ''): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Error(`"${text}" is no pid`)
}

const waits = 'setInterval(() => {}, 1000);'
const said = (running: ManagedProcess, text: string) => eventually(() => running.lastLines.includes(text))

test('a stop is SIGTERM, and waits for an end in good order', async () => {
  const running = await node(`${waits} process.on('SIGTERM', () => process.exit(5)); console.log('ready')`)
  await said(running, 'ready')
  await running.stop({ graceMs: 60_000 })
  expect(await running.ended).toBe(5)
})

test.each(['its time is over', 'the person is in a hurry'])('what does not end is killed when %s', async (when) => {
  const running = await node(`${waits} process.on('SIGTERM', () => {}); console.log('ready')`)
  await said(running, 'ready')
  const hurry = when.startsWith('its') ? {} : { hurry: AbortSignal.abort() }
  await running.stop({ graceMs: 'hurry' in hurry ? 60_000 : 50, ...hurry })
  expect(await running.ended).toBe('SIGKILL')
})

test('what it started ends with it', async () => {
  const script = `const { pid } = require('node:child_process').spawn('sleep', ['600']); console.log(pid); ${waits}`
  const running = await node(script)
  const pid = await eventually(() => positive(running.lastLines[0]))
  await eventually(() => commandLineOf(pid) === 'sleep 600')
  await running.stop({ graceMs: 60_000 })
  await eventually(() => commandLineOf(pid) === undefined)
})

test('it sees by a closed channel that we have died', async () => {
  const starter = await node(`
    const { spawn } = require('node:child_process')
    const script = "process.on('disconnect', () => process.exit()); setInterval(() => {}, 1000)"
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true })
    console.log(child.pid); ${waits}`)
  const pid = await eventually(() => positive(starter.lastLines[0]))
  process.kill(starter.pid, 'SIGKILL')
  await eventually(() => commandLineOf(pid) === undefined)
})

test('a program that is not there is a problem with its name', async () => {
  const options = { name: 'the mill', command: '/no/such/program', args: [], cwd: '/', env: {} }
  await expect(ManagedProcess.start(options)).rejects.toThrow(/The mill|the mill cannot be started/)
})

test('an unexpected end tells who, how, its last lines in words, and where the log is', async () => {
  const crash = `{"level":"fatal","msg":"the wheel broke","err":{"message":"too much water"}}`
  const running = await node(`console.log(${JSON.stringify(crash)}); console.error('a trace'); process.exitCode = 3`)
  const failure = unexpectedEnd([running], '/some/logs')
  await expect(failure).rejects.toThrow(
    /^The mill ended unexpectedly with exit code 3\.[\s\S]*fatal: the wheel broke: too much water[\s\S]*\/some\/logs$/,
  )
  await expect(failure).rejects.toThrow('a trace')
})
