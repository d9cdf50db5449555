import { Failure } from '@millrace/contracts/failures'
import { isTerminal, type TextDelta } from '@millrace/contracts/jobs'
import { closeLog } from '@millrace/delta-log'
import { createLogger } from '@millrace/runtime'
import { eventually } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../test-support/job-client.ts'
import { anEngine, engineOf, JobFixture, never, unwantedEngine } from '../test-support/job-fixture.ts'
import { aGeneration } from '../test-support/jobs.ts'
import { endGivenUpJob } from './end-given-up-job.ts'
import { Quarantine } from './quarantine.ts'

const silent = createLogger({ service: 'test', level: 'silent' })
const token: TextDelta = { type: 'text-delta', text: 'a', tokens: [1] }
const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 0 }
const finished = { type: 'job-finished', reason: 'stop', usage } as const
const cancelled = { type: 'job-cancelled' } as const

let jobs: JobFixture

beforeAll(async () => {
  jobs = await JobFixture.start()
})

afterAll(() => jobs.stop())

test('a job that the queue gives up ends in its log, for whoever reads it', async () => {
  const job = aGeneration('hello')
  await endGivenUpJob(
    { redis: jobs.redis, prefix: jobs.prefix, ttlMs: 60_000, logger: silent },
    job.id,
    new Error('why'),
  )
  expect(await jobs.logged(job)).toMatchObject([{ type: 'job-failed', code: 'internal_error' }])
})

describe('a job that fails', () => {
  test('in the engine, says so in plain words that tell nothing of the cause', async () => {
    const job = aGeneration('hello [fail]')
    await jobs.run(job)
    const events = await jobs.logged(job)
    expect(events.at(-1)).toMatchObject({ type: 'job-failed', code: 'engine_failure' })
    expect(events.filter(isTerminal)).toHaveLength(1)
    expect(JSON.stringify(events)).not.toContain('scripted')
    expect(await jobs.registry.metrics()).toContain('millrace_worker_job_failures_total{code="engine_failure"} 1')
  })

  test('for a reason that the client must hear of, carries it', async () => {
    const job = aGeneration('hello')
    const engine = engineOf(async function* () {
      yield token
      throw new Failure('context_length_exceeded', 'Too long.', { param: 'messages' })
    })
    await jobs.run(job, { engine })
    const failed = { type: 'job-failed', code: 'context_length_exceeded', message: 'Too long.', param: 'messages' }
    expect(await jobs.logged(job)).toEqual([token, failed])
  })

  test('because the engine forgets to end it, still ends', async () => {
    const job = aGeneration('hello')
    const engine = engineOf(async function* () {
      yield token
    })
    await jobs.run(job, { engine })
    expect((await jobs.logged(job)).at(-1)).toMatchObject({ type: 'job-failed', code: 'engine_failure' })
  })

  test('after its end, stays finished', async () => {
    const job = aGeneration('hello')
    const engine = engineOf(async function* () {
      yield finished
      throw new Error('after the end')
    })
    await jobs.run(job, { engine })
    expect(await jobs.logged(job)).toEqual([finished])
  })
})

describe('a job that another attempt has taken over', () => {
  test('is stopped in silence, and only the other attempt ends it', async () => {
    const job = aGeneration('hello')
    const zombie = jobs.run(job, { engine: await anEngine({ tokens: 100_000, perSecond: 200 }) })
    await jobs.client.untilGenerating(job.id)
    const writer = jobs.writer()
    const claim = await writer.claim(job.id)
    await zombie
    expect(await jobs.registry.metrics()).toContain('outcome="fenced"} 1')
    await writer.append(claim, [cancelled])
    expect((await jobs.logged(job)).filter(isTerminal)).toEqual([cancelled])
  })

  test('is stopped in silence when its log was ended from outside', async () => {
    const job = aGeneration('hello')
    const running = jobs.run(job, { engine: await anEngine({ tokens: 100_000, perSecond: 200 }) })
    await jobs.client.untilGenerating(job.id)
    const { redis, prefix } = jobs
    await closeLog({ redis, prefix, ttlMs: 60_000, jobId: job.id, event: cancelled })
    await running
    expect((await jobs.logged(job)).filter(isTerminal)).toEqual([cancelled])
  })
})

test('a log that cannot be written stops the engine, and the job is to be tried again', async () => {
  const job = aGeneration('hello')
  const broken = new Error('the connection was closed')
  let stopped = false
  const engine = engineOf(async function* (_, { signal }) {
    yield token
    await eventually(() => signal.aborted)
    stopped = true
    signal.throwIfAborted()
  })
  const claim = async () => ({ jobId: job.id, epoch: 1, lastSeq: 0 })
  const running = jobs.run(job, { engine, writer: { claim, append: () => Promise.reject(broken) } })
  await expect(running).rejects.toBe(broken)
  expect(stopped).toBe(true)
})

describe('a job whose worker died', () => {
  test('too often without getting further is given up, and the engine never sees it', async () => {
    const job = aGeneration('hello')
    await jobs.run(job, { engine: unwantedEngine, crashes: 3 })
    const [event] = await jobs.logged(job)
    expect(event).toMatchObject({ type: 'job-failed', code: 'worker_crashed' })
  })

  test('is cleared of it as soon as a new token is in its log', async () => {
    const job = aGeneration('hello')
    await jobs.run(job, { crashes: 2 })
    expect(jobs.exonerated.filter((id) => id === job.id)).toHaveLength(1)
  })

  test('is not cleared by anything less', async () => {
    const job = aGeneration('hello')
    const engine = engineOf(async function* () {
      yield { ...token, tokens: [] }
      yield finished
    })
    await jobs.run(job, { engine, crashes: 1 })
    expect(jobs.exonerated).not.toContain(job.id)
  })

  test('gets going alone at its last chance: the next one begins when it has got further or ended', async () => {
    const quarantine = new Quarantine()
    const gate = Promise.withResolvers<void>()
    const order: string[] = []
    const slow = engineOf(async function* () {
      order.push('first begins')
      await gate.promise
      yield token
      order.push('first gets further')
      yield finished
    })
    const quick = engineOf(async function* () {
      order.push('second begins')
      yield finished
    })
    const first = jobs.run(aGeneration('one'), { engine: slow, quarantine, crashes: 2 })
    await eventually(() => order.length === 1)
    const second = jobs.run(aGeneration('two'), { engine: quick, quarantine, crashes: 2 })
    const innocent = jobs.run(aGeneration('three'), { quarantine })
    await innocent
    expect(order).toEqual(['first begins'])
    gate.resolve()
    await Promise.all([first, second])
    expect(order.indexOf('second begins')).toBeGreaterThan(0)
    expect(order[1]).not.toBe('second begins')
  })

  test('can be cancelled while it waits for its turn', async () => {
    const quarantine = new Quarantine()
    const leave = await quarantine.enter(never)
    const controller = new AbortController()
    const job = aGeneration('waiting')
    const waiting = jobs.run(job, { engine: unwantedEngine, quarantine, crashes: 2, signal: controller.signal })
    controller.abort(new Failure('cancelled', 'gone'))
    await waiting
    expect((await jobs.logged(job)).at(-1)).toMatchObject({ type: 'job-cancelled' })
    leave()
    ;(await quarantine.enter(never))()
  })
})

describe('a log of which Redis has lost the end', () => {
  const stepEngine = () => anEngine({ tokens: 200, perSecond: 200 })

  test.each([
    ['some frames', 'after the first tokens', 'seq'],
    ['the claim too', 'before the attempt', 'seq'],
    ['everything', 'never', 'missing'],
  ] as const)('%s: the job is tried again, and its text is exact', async (_, saved, reason) => {
    const job = aGeneration('hello')
    const keys = ['meta', 'frames'].map((key) => `${jobs.prefix}:log:${job.id}:${key}`)
    const save = async () => {
      const steps = jobs.redis.multi()
      for (const key of keys) steps.copy(key, `${key}:saved`)
      await steps.exec()
    }
    if (saved === 'before the attempt') {
      await jobs.writer().claim(job.id)
      await save()
    }
    const attempt = jobs.run(job, { engine: await stepEngine() }).catch((error: unknown) => error)
    await jobs.client.untilGenerating(job.id)
    if (saved === 'after the first tokens') await save()
    const seqNow = async () => Number(await jobs.redis.hget(keys[0] ?? '', 'seq'))
    const before = await seqNow()
    await eventually(async () => (await seqNow()) > before + 5)
    const lose = jobs.redis.multi().del(keys)
    if (saved !== 'never')
      for (const key of keys) if (await jobs.redis.exists(`${key}:saved`)) lose.rename(`${key}:saved`, key)
    await lose.exec()
    expect(await attempt).toMatchObject({ name: 'FencedError', reason })
    await jobs.run(job, { engine: await anEngine({ tokens: 200 }) })
    expect(textOf(await jobs.logged(job))).toBe(scriptedText(job, 200))
  })
})
