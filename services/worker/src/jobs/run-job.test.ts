import { Failure } from '@millrace/contracts/failures'
import { isTerminal } from '@millrace/contracts/jobs'
import { HandBackError } from '@millrace/queue'
import { eventually } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../test-support/job-client.ts'
import { anEngine, JobFixture, never, unwantedEngine } from '../test-support/job-fixture.ts'
import { aGeneration, anEmbedding } from '../test-support/jobs.ts'

let jobs: JobFixture

beforeAll(async () => {
  jobs = await JobFixture.start()
})

afterAll(() => jobs.stop())

describe('a job that can be done', () => {
  test('is logged from start to finish, once, with its exact text', async () => {
    const job = aGeneration('hello')
    await jobs.run(job)
    const events = await jobs.logged(job)
    expect(textOf(events)).toBe(scriptedText(job, 20))
    expect(events[0]).toMatchObject({ type: 'job-started' })
    expect(events.filter(isTerminal)).toEqual([events.at(-1)])
    expect(events.at(-1)).toMatchObject({ type: 'job-finished', usage: { completionTokens: 20 } })
  })

  test('tells how long it waited until this worker took it', async () => {
    const job = aGeneration('hello', { submittedAtMs: Date.now() - 5000 })
    await jobs.run(job)
    const [started] = await jobs.logged(job)
    expect(started?.type === 'job-started' && started.queuedMs).toBeGreaterThanOrEqual(5000)
  })

  test('gives a vector for each input of an embedding', async () => {
    const job = anEmbedding(['one', 'two', 'three'])
    await jobs.run(job)
    const types = (await jobs.logged(job)).map(({ type }) => type)
    const vector = 'embedding-computed'
    expect(types).toEqual(['job-started', vector, vector, vector, 'job-finished'])
  })

  test('is measured without lies when another attempt has begun it: it has had its first token, and its wait', async () => {
    const job = aGeneration('hello', { submittedAtMs: Date.now() - 60_000 })
    const controller = new AbortController()
    const attempt = jobs.run(job, { engine: await anEngine({ perSecond: 50 }), giveBack: controller.signal })
    await eventually(async () => (await jobs.redis.xlen(`${jobs.prefix}:log:${job.id}:frames`)) > 5)
    controller.abort(new HandBackError())
    await expect(attempt).rejects.toBeInstanceOf(HandBackError)
    await jobs.run(job)
    const metrics = await jobs.registry.metrics()
    expect(metrics).toContain('millrace_worker_time_to_first_token_seconds_count 0')
    expect(metrics).not.toMatch(/millrace_worker_queue_time_seconds_count\{[^}]*\} [1-9]/)
    const tokens = Number(/millrace_worker_generation_tokens_total (\d+)/.exec(metrics)?.[1])
    expect(tokens).toBeLessThan(20)
    expect((await jobs.logged(job)).at(-1)).toMatchObject({ usage: { completionTokens: 20 } })
  })

  test('is measured', async () => {
    await jobs.run(aGeneration('hello'))
    const lines = (await jobs.registry.metrics()).split('\n')
    expect(lines).toContain('millrace_worker_jobs_total{kind="generation",outcome="finished"} 1')
    expect(lines).toContain('millrace_worker_generation_tokens_total 20')
    expect(lines).toContain('millrace_worker_time_to_first_token_seconds_count 1')
    expect(lines).toContain('millrace_worker_inter_token_latency_seconds_count 19')
    expect(lines).toContain('millrace_worker_queue_time_seconds_count{kind="generation"} 1')
  })

  test('goes on where an earlier attempt stopped, and its text is exact', async () => {
    const job = aGeneration('hello')
    const writer = jobs.writer()
    const claim = await writer.claim(job.id)
    let tokens = 0
    for await (const event of (await anEngine()).generate(job, { signal: never })) {
      await writer.append(claim, [event])
      if (event.type === 'text-delta' && ++tokens === 7) break
    }
    await jobs.run(job)
    const events = await jobs.logged(job)
    expect(textOf(events)).toBe(scriptedText(job, 20))
    expect(events.at(-1)).toMatchObject({ type: 'job-finished', usage: { completionTokens: 20 } })
  })

  test('is left alone when its log has ended', async () => {
    const job = aGeneration('hello')
    await jobs.run(job)
    const before = await jobs.logged(job)
    await jobs.run(job, { engine: unwantedEngine })
    expect(await jobs.logged(job)).toEqual(before)
  })
})

describe('a job that is stopped', () => {
  test('says cancelled, with what it had used', async () => {
    const job = aGeneration('hello')
    const cancel = new AbortController()
    const engine = await anEngine({ tokens: 100_000, perSecond: 500 })
    const running = jobs.run(job, { engine, signal: cancel.signal })
    await jobs.client.untilGenerating(job.id)
    cancel.abort(new Failure('cancelled', 'The request was cancelled.'))
    await running
    const events = await jobs.logged(job)
    const generated = events.flatMap((event) => (event.type === 'text-delta' ? event.tokens : []))
    expect(events.at(-1)).toMatchObject({ type: 'job-cancelled', usage: { completionTokens: generated.length } })
    expect(events.filter(isTerminal)).toHaveLength(1)
    expect(await jobs.registry.metrics()).toContain('outcome="cancelled"} 1')
  })

  test.each([
    [new Failure('cancelled', 'Gone.'), { type: 'job-cancelled' }],
    [
      new Failure('deadline_exceeded', 'Too late.'),
      { type: 'job-failed', code: 'deadline_exceeded', message: 'Too late.' },
    ],
  ])('before it began (%s), ends without asking the engine', async (reason, ending) => {
    const job = aGeneration('hello')
    await jobs.run(job, { engine: unwantedEngine, signal: AbortSignal.abort(reason) })
    expect(await jobs.logged(job)).toEqual([ending])
  })

  test('to be given back, throws and leaves its log open, and another attempt completes the text', async () => {
    const job = aGeneration('hello')
    const giveBack = new AbortController()
    const engine = await anEngine({ tokens: 60, perSecond: 200 })
    const running = jobs.run(job, { engine, giveBack: giveBack.signal })
    await jobs.client.untilGenerating(job.id)
    giveBack.abort(new HandBackError())
    await expect(running).rejects.toThrow(HandBackError)
    expect(await jobs.registry.metrics()).toContain('outcome="returned"} 1')
    await jobs.run(job, { engine })
    const events = await jobs.logged(job)
    expect(textOf(events)).toBe(scriptedText(job, 60))
    expect(events.filter(({ type }) => type === 'job-started')).toHaveLength(2)
  })
})
