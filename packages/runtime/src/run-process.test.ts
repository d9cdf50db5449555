import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '@millrace/testkit'
import { afterEach, describe, expect, test } from 'vitest'

const fixture = new URL('./run-process.fixture.ts', import.meta.url)

type Run = {
  child: ChildProcess
  exited: Promise<number | string>
  /** What it told, in order. */
  told(): string[]
  output(): string
}

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function run(scenario: string): Run {
  const child = fork(fixture, [scenario], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  children.push(child)
  let output = ''
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null)
  for (const stream of outputs) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  // Not the event 'close': a child whose channel the parent has cut never emits it.
  const exited = Promise.all([once(child, 'exit'), ...outputs.map((stream) => once(stream, 'end'))]).then(
    ([[code, signal]]) => code ?? signal,
  )
  const told = () => [...output.matchAll(/"msg":"([^"]*)"/g)].map(([, message]) => message ?? '')
  return { child, exited, told, output: () => output }
}

async function runUntilReady(scenario: string): Promise<Run> {
  const started = run(scenario)
  await eventually(() => started.told().some((line) => line.startsWith('ready')), { timeoutMs: 20_000 })
  return started
}

const orderlyEnd = ['shutting down', 'signal aborted', 'closed second', 'closed first', 'exit']
const fromShutdown = (lines: string[]) => lines.slice(lines.indexOf('shutting down'))

describe('an orderly shutdown', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s closes everything in reverse order and exits with 0',
    async (signal) => {
      const { child, exited, told, output } = await runUntilReady('')
      await eventually(() => told().includes('start is over'))
      child.kill(signal)
      expect(await exited).toBe(0)
      expect(told()).toEqual(['ready millrace-fixture', 'start is over', ...orderlyEnd])
      expect(output()).toContain(`"reason":"${signal}"`)
    },
  )

  test('the end of the parent is one, too', async () => {
    const { child, exited, told } = await runUntilReady('')
    child.disconnect()
    expect(await exited).toBe(0)
    expect(fromShutdown(told())).toEqual(orderlyEnd)
  })

  test('a service can end itself', async () => {
    const { exited, told } = run('life.shutdown')
    expect(await exited).toBe(0)
    expect(told()).toEqual(expect.arrayContaining(orderlyEnd))
  })

  test('a start that takes long is not waited for', async () => {
    const { child, exited, told } = await runUntilReady('slow start')
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(fromShutdown(told())).toEqual(orderlyEnd)
  })

  test('what start builds while shutdown runs is closed; that start then fails is not an error', async () => {
    const { exited, told } = run('late defer')
    expect(await exited).toBe(0)
    expect(told().filter((line) => line.startsWith('closed'))).toEqual(['closed second', 'closed late', 'closed first'])
    expect(told()).not.toContain('fatal error')
  })

  test('the same signal twice in the same moment is one request', async () => {
    const { child, exited, told } = await runUntilReady('')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT', 'SIGTERM'] as const) child.kill(signal)
    expect(await exited).toBe(0)
    expect(fromShutdown(told())).toEqual(orderlyEnd)
  })
})

describe('an end with exit code 1', () => {
  test.each([
    ['start fails', 'no weights'],
    ['rejection', 'nobody caught this'],
    ['exception', 'thrown in a timer'],
    ['life.fail', 'the device is gone'],
  ])('%s: it is logged as fatal, and everything is still closed', async (scenario, message) => {
    const { exited, told, output } = run(scenario)
    expect(await exited).toBe(1)
    const fatal = output()
      .split('\n')
      .find((line) => line.includes('"level":"fatal"'))
    expect(fatal).toContain(message)
    expect(told()).toEqual(expect.arrayContaining(['fatal error', ...orderlyEnd]))
  })

  test('a closer that fails does not keep the others from closing', async () => {
    const { child, exited, told, output } = await runUntilReady('failing closer')
    child.kill('SIGTERM')
    expect(await exited).toBe(1)
    expect(fromShutdown(told())).toEqual(orderlyEnd.toSpliced(2, 0, 'could not close'))
    expect(output()).toContain('cannot close')
  })

  test('the same signal again, later, does not wait for the closers', async () => {
    const { child, exited, told } = await runUntilReady('endless closer')
    child.kill('SIGINT')
    await eventually(() => told().includes('shutting down'))
    const impatient = setInterval(() => child.kill('SIGINT'), 50)
    expect(await exited).toBe(1)
    clearInterval(impatient)
    expect(told()).not.toContain('closing takes too long')
  })

  test('a closer that hangs is left behind when the time is over, and named', async () => {
    const { child, exited, told, output } = await runUntilReady('hanging closer')
    child.kill('SIGTERM')
    expect(await exited).toBe(1)
    expect(told()).not.toContain('closed first')
    expect(output()).toMatch(/"level":"error".*"closing":"hanging"/)
  })
})
