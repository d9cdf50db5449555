import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@millrace/runtime'
import { eventually } from '@millrace/testkit'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAlive } from '../test-support/is-alive.ts'
import { createSupervisorApp } from './create-supervisor-app.ts'
import { Supervisor } from './supervisor.ts'

const program = new URL('../test-support/pretend-worker.ts', import.meta.url)
const logger = createLogger({ service: 'test', level: 'silent' })
let dir: string
let supervisor: Supervisor
let hopeless: Error | undefined
let deaths: number[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-supervisor-'))
  hopeless = undefined
  deaths = []
})

afterEach(async () => {
  await supervisor.stop(50)
  await rm(dir, { recursive: true })
})

/** One worker per behaviour; each behaviour may be a list, with what to do at the first, second, … start. */
function supervise(...behaviours: string[]) {
  const workers = behaviours.map((behaviour, index) => ({
    device: 'cpu',
    env: { ...process.env, BEHAVIOUR: behaviour, STARTS: join(dir, String(index)) },
  }))
  const onHopeless = (error: Error) => {
    hopeless = error
  }
  const backoff = { firstMs: 10, longestMs: 100, healthyMs: 60_000 }
  const onDeath = (pid: number) => void deaths.push(pid)
  const registry = new Registry()
  supervisor = new Supervisor({ workers, program, backoff, logger, registry, onDeath, onHopeless })
  supervisor.start()
  return createSupervisorApp(supervisor)
}

async function pidsOf(worker: number): Promise<number[]> {
  return (await readFile(join(dir, String(worker)), 'utf8')).trim().split('\n').map(Number)
}

const stateOf = (worker: number) => supervisor.workers[worker]?.state
const untilState = (worker: number, state: string) => eventually(() => stateOf(worker) === state)

describe('a supervisor', () => {
  test('starts a killed worker again, counts it and says why', async () => {
    supervise('serve')
    await untilState(0, 'ready')
    const [first = 0] = await pidsOf(0)
    process.kill(first, 'SIGKILL')
    await eventually(() => supervisor.workers[0]?.restarts === 1 && stateOf(0) === 'ready')
    expect(supervisor.workers[0]).toMatchObject({ restarts: 1, reason: 'killed by SIGKILL', models: ['m'] })
    expect(supervisor.workers[0]?.pid).not.toBe(first)
    expect(deaths).toEqual([first])
    expect(await supervisor.renderMetrics()).toContain('millrace_worker_restarts_total{worker="0"} 1')
  })

  test('goes on starting a worker that crashes again and again', async () => {
    supervise('crash,crash,crash,serve')
    await untilState(0, 'ready')
    expect(supervisor.workers[0]).toMatchObject({ restarts: 3, reason: 'exit code 3' })
  })

  test('does not start a worker again that refused, and lets the others work', async () => {
    supervise('refuse', 'serve')
    await untilState(0, 'failed')
    await untilState(1, 'ready')
    expect(supervisor.workers[0]).toMatchObject({ restarts: 0, reason: 'there is no such model' })
    expect(await pidsOf(0)).toHaveLength(1)
    expect(hopeless).toBeUndefined()
  })

  test('is hopeless when every worker has refused, and passes the reason on', async () => {
    supervise('refuse', 'refuse')
    await eventually(() => hopeless !== undefined)
    expect(hopeless?.message).toBe('No worker can start: there is no such model')
  })

  test('takes a refusal after a good run for a passing one', async () => {
    supervise('serve,refuse,serve')
    await untilState(0, 'ready')
    process.kill((await pidsOf(0))[0] ?? 0, 'SIGKILL')
    await eventually(() => supervisor.workers[0]?.restarts === 2 && stateOf(0) === 'ready')
    expect(hopeless).toBeUndefined()
  })

  test('survives a message that it does not understand', async () => {
    supervise('babble')
    await untilState(0, 'ready')
  })

  test('leaves no process behind, not even one that ignores SIGTERM', async () => {
    supervise('serve', 'stubborn', 'load')
    await untilState(0, 'ready')
    await untilState(1, 'ready')
    await eventually(() => supervisor.workers[2]?.loading !== undefined)
    const pids = [...(await pidsOf(0)), ...(await pidsOf(1)), ...(await pidsOf(2))]
    await supervisor.stop(200)
    expect(pids.filter(isAlive)).toEqual([])
    expect(supervisor.workers.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped'])
  })

  test('does not wait for a restart that is due when it is stopped', async () => {
    supervise('crash')
    await eventually(async () => (await pidsOf(0)).length >= 3)
    await supervisor.stop(1000)
    expect(stateOf(0)).toBe('stopped')
    expect((await pidsOf(0)).filter(isAlive)).toEqual([])
  })
})

describe('GET /healthz', () => {
  test('200 with the state of each worker as soon as one is ready', async () => {
    const app = supervise('serve', 'load')
    await untilState(0, 'ready')
    await eventually(() => supervisor.workers[1]?.loading !== undefined)
    const response = await app.request('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: 'up',
      workers: [
        { worker: 'millrace-worker-0', device: 'cpu', state: 'ready', restarts: 0, models: ['m'] },
        { worker: 'millrace-worker-1', state: 'starting', loading: { step: 'Loading', fraction: 0.5 } },
      ],
    })
  })

  test('503 while none is', async () => {
    const response = await supervise('load').request('/healthz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ status: 'down', workers: [{ state: 'starting' }] })
  })
})

test('GET /metrics joins what the workers measured, told apart by label', async () => {
  const app = supervise('serve', 'serve')
  await untilState(0, 'ready')
  await untilState(1, 'ready')
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain')
  const text = await response.text()
  expect(text).toContain('fed{worker="0"} 7')
  expect(text).toContain('fed{worker="1"} 7')
})
