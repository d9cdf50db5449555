import { isTerminal } from '@millrace/contracts/jobs'
import { collect, eventually, startRedis, type TestRedis, uniquePrefix } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isAlive } from './test-support/is-alive.ts'
import { JobClient, textOf } from './test-support/job-client.ts'
import { aGeneration, anEmbedding } from './test-support/jobs.ts'
import { startSupervisorProcess } from './test-support/supervisor-process.ts'

const endless = { SCRIPTED_TOKENS: '100000', CONTEXT_SIZE: '200000' }

let server: TestRedis
let client: JobClient
let env: { REDIS_URL: string; REDIS_PREFIX: string }

beforeAll(async () => {
  server = await startRedis()
})

afterAll(() => server.stop())

beforeEach(() => {
  env = { REDIS_URL: server.url, REDIS_PREFIX: uniquePrefix() }
  client = new JobClient(env.REDIS_URL, env.REDIS_PREFIX)
})

afterEach(() => client.close())

/** What a worker that ended in good order must not leave in Redis. */
const traces = async () => [
  ...(await client.keys('queue:*:lock')),
  ...(await client.keys('queue:*:active')),
  ...(await client.keys('worker:*')),
]

describe('a worker service', () => {
  test('does jobs from the queue to the log, and shows itself and its slots', async () => {
    await using service = startSupervisorProcess({ ...env, DEVICE: 'cpu,cpu', SLOTS: '3' })
    const pids = await service.readyPids()
    const job = aGeneration('hello')
    const [events, vectors] = await Promise.all([
      client.submit(job).then((log) => collect(log)),
      client.submit(anEmbedding(['one', 'two'])).then((log) => collect(log)),
    ])
    expect(textOf(events)).toBe(scriptedText(job, 32))
    expect(vectors.filter(({ type }) => type === 'embedding-computed')).toHaveLength(2)
    const workers = await client.workers.list()
    expect(workers.map(({ pid }) => pid).sort()).toEqual(pids.sort())
    expect(workers[0]).toMatchObject({
      device: 'cpu',
      models: [{ kind: 'generation', slots: 3 }, { kind: 'embedding' }],
    })
    await eventually(async () =>
      /^millrace_worker_generation_tokens_total\{.*worker="\d".*\} 32$/m.test(await service.metrics()),
    )
    expect(service.output()).not.toContain('hello')
  })

  test('a cancelled job stops and frees its slot for the next one', async () => {
    await using service = startSupervisorProcess({ ...env, ...endless, SLOTS: '1' })
    await service.readyPids()
    const job = aGeneration('hello')
    const events = collect(await client.submit(job))
    await client.untilGenerating(job.id)
    await client.queue.cancel(job)
    expect((await events).at(-1)).toMatchObject({ type: 'job-cancelled' })
    const next = await collect(await client.submit(aGeneration('next', { maxTokens: 3 })))
    expect(next.at(-1)).toMatchObject({ type: 'job-finished', usage: { completionTokens: 3 } })
  })

  test('a job past its deadline is ended without being begun', async () => {
    await using service = startSupervisorProcess(env)
    await service.readyPids()
    const events = await collect(await client.submit(aGeneration('hello', { deadlineAtMs: Date.now() - 1 })))
    expect(events).toMatchObject([{ type: 'job-failed', code: 'deadline_exceeded' }])
  })
})

describe('SIGTERM', () => {
  test('lets a running job end, and leaves no process, no lock and no entry behind', async () => {
    await using service = startSupervisorProcess({ ...env, DEVICE: 'cpu,cpu' })
    const pids = await service.readyPids()
    const job = aGeneration('hello')
    const events = collect(await client.submit(job))
    await client.untilGenerating(job.id)
    service.signal('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(textOf(await events)).toBe(scriptedText(job, 32))
    expect(pids.filter(isAlive)).toEqual([])
    expect(await traces()).toEqual([])
  })

  test('gives a long job back in time; the next service goes on with it, and its text is exact', async () => {
    const long = { ...env, SCRIPTED_TOKENS: '400', CONTEXT_SIZE: '10000', SCRIPTED_TOKENS_PER_SECOND: '50' }
    await using first = startSupervisorProcess({ ...long, SHUTDOWN_TIMEOUT: '1s' })
    await first.readyPids()
    const job = aGeneration('hello')
    const events = collect(await client.submit(job))
    await client.untilGenerating(job.id)
    first.signal('SIGTERM')
    expect(await first.exited).toBe(0)
    expect(await traces()).toEqual([])
    await using _second = startSupervisorProcess({ ...long, SCRIPTED_TOKENS_PER_SECOND: '0' })
    const all = await events
    expect(textOf(all)).toBe(scriptedText(job, 400))
    expect(all.filter(({ type }) => type === 'job-started')).toHaveLength(2)
    expect(all.filter(isTerminal)).toHaveLength(1)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s that reaches the workers too ends all of them', async (name) => {
    await using service = startSupervisorProcess({ ...env, DEVICE: 'cpu,cpu' })
    const pids = await service.readyPids()
    for (const pid of pids) process.kill(pid, name)
    service.signal(name)
    expect(await service.exited).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(await traces()).toEqual([])
  })

  test('while it starts, ends it as well', async () => {
    await using service = startSupervisorProcess(env)
    const { workers } = await service.health()
    service.signal('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(workers.flatMap(({ pid }) => pid ?? []).filter(isAlive)).toEqual([])
  })
})

describe('kill -9', () => {
  test('of a worker in mid-job: another attempt continues from the log, and the text is exact', async () => {
    await using service = startSupervisorProcess({ ...env, SCRIPTED_TOKENS: '100', SLOTS: '1' })
    const [pid = 0] = await service.readyPids()
    const job = aGeneration('hello')
    const events = collect(await client.submit(job))
    await client.untilGenerating(job.id)
    process.kill(pid, 'SIGKILL')
    const all = await events
    expect(textOf(all)).toBe(scriptedText(job, 100))
    expect(all.filter(({ type }) => type === 'job-started')).toHaveLength(2)
    expect(all.filter(isTerminal)).toHaveLength(1)
    expect((await service.health()).workers).toMatchObject([{ state: 'ready', restarts: 1 }])
  }, 60_000)

  test('of the supervisor: its workers notice, and end in good order', async () => {
    await using service = startSupervisorProcess({ ...env, DEVICE: 'cpu,cpu' })
    const pids = await service.readyPids()
    service.signal('SIGKILL')
    await service.exited
    await eventually(() => !pids.some(isAlive))
    expect(await traces()).toEqual([])
  })
})

test('a restart of Redis in mid-job costs neither the job nor a token', async () => {
  await using service = startSupervisorProcess({ ...env, SCRIPTED_TOKENS: '100' })
  await service.readyPids()
  const job = aGeneration('hello')
  const events = collect(await client.submit(job))
  await client.untilGenerating(job.id)
  await server.restart()
  const all = await events
  expect(textOf(all)).toBe(scriptedText(job, 100))
  expect(all.filter(isTerminal)).toHaveLength(1)
})

describe('a service that cannot start', () => {
  test.each([
    ['an engine that does not exist', { ENGINE_MODULE: 'no-such-engine' }, 'no-such-engine'],
    ['a GPU that does not exist', { DEVICE: 'cuda:99' }, 'DEVICE asks for cuda:99'],
    ['no Redis', { REDIS_URL: '' }, 'REDIS_URL'],
    ['settings with mistakes', { SLOTS: 'many' }, 'SLOTS'],
  ])('%s: exits with 1 and says why', async (_, changes, reason) => {
    await using service = startSupervisorProcess({ ...env, ...changes })
    expect(await service.exited).toBe(1)
    expect(service.output()).toContain(reason)
  })

  test('a port that is taken: exits with 1 and leaves the other alone', async () => {
    await using first = startSupervisorProcess(env)
    await first.readyPids()
    const port = /127\.0\.0\.1:(\d+)","msg":"listening"/.exec(first.output())?.[1] ?? ''
    await using second = startSupervisorProcess({ ...env, WORKER_PORT: port })
    expect(await second.exited).toBe(1)
    expect(second.output()).toContain('EADDRINUSE')
    expect((await first.health()).status).toBe('up')
  })
})
