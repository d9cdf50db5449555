import { Failure, toFailure } from '@millrace/contracts/failures'
import type { EmbeddingJob, Frame, JobEvent, TerminalEvent } from '@millrace/contracts/jobs'
import { collect, eventually } from '@millrace/testkit'
import { expect, test, vi } from 'vitest'
import type { AdmittedJob } from '../admission/queue-admission.ts'
import { JobDispatcher } from './job-dispatcher.ts'
import { runJobs } from './run-jobs.ts'

const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 }
const finished: JobEvent = { type: 'job-finished', reason: 'stop', usage }
const delta: JobEvent = { type: 'text-delta', text: 'a', tokens: [1] }

function job(id: string, deadlineAtMs = Date.now() + 60_000): AdmittedJob {
  const each: EmbeddingJob = {
    id,
    kind: 'embedding',
    model: 'm',
    tenant: 't',
    requestId: 'r',
    submittedAtMs: 0,
    deadlineAtMs,
    inputs: ['a'],
  }
  return { job: each, priority: 1 }
}

/** Ports that give the scripted events, one frame each, and then wait for the signal unless the last was terminal. */
function ports(script: Record<string, JobEvent[]>, { refuses = '' } = {}) {
  const submitted: string[] = []
  const cancelled: string[] = []
  const released: string[] = []
  const ended: [string, TerminalEvent][] = []
  const dispatcher = new JobDispatcher({
    queue: {
      submit: async ({ id }) => {
        if (id === refuses) throw new Error('secret of the queue')
        submitted.push(id)
      },
      cancel: async ({ id }) => {
        cancelled.push(id)
        return 'removed'
      },
    },
    sharing: { abandon: async () => true, finish: async () => undefined },
    log: {
      open: async () => undefined,
      read: (jobId, { signal }) => frames(jobId, script[jobId] ?? [], signal),
      logged: (jobId) => frames(jobId, script[jobId] ?? [], AbortSignal.abort()),
      forget: (jobId) => void released.push(jobId),
      end: async (jobId, event) => ended.push([jobId, event]),
    },
  })
  return { dispatcher, submitted, cancelled, released, ended }
}

async function* frames(jobId: string, events: JobEvent[], signal: AbortSignal): AsyncGenerator<Frame> {
  for (const [index, event] of events.entries()) yield { jobId, seq: index + 1, epoch: 1, events: [event] }
  if (events.at(-1)?.type.startsWith('job-')) return
  signal.throwIfAborted()
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const never = () => new AbortController().signal
const onCancelFailed = vi.fn()

test('the frames of all jobs come, and nothing is cancelled when all have finished', async () => {
  const { dispatcher, cancelled, released } = ports({ a: [delta, finished], b: [finished] })
  const items = await collect(runJobs({ jobs: [job('a'), job('b')], dispatcher, signal: never(), onCancelFailed }))
  expect(items.filter(({ index }) => index === 0).map(({ frame }) => frame.events[0])).toEqual([delta, finished])
  expect(items.filter(({ index }) => index === 1)).toHaveLength(1)
  expect(cancelled).toEqual([])
  expect(released).toEqual(['a', 'b'])
})

test('when one job fails, its siblings are cancelled and their logs are ended', async () => {
  const failed: JobEvent = { type: 'job-failed', code: 'engine_failure', message: 'broken', param: 'messages' }
  const { dispatcher, cancelled, ended } = ports({ a: [delta], b: [failed], c: [] })
  const run = runJobs({ jobs: [job('a'), job('b'), job('c')], dispatcher, signal: never(), onCancelFailed })
  await expect(collect(run)).rejects.toMatchObject({ code: 'engine_failure', message: 'broken', param: 'messages' })
  expect(cancelled).toEqual(['a', 'c'])
  expect(ended).toEqual([
    ['a', { type: 'job-cancelled' }],
    ['c', { type: 'job-cancelled' }],
  ])
})

test('when one job cannot be queued, the queued ones are cancelled and the client is told nothing internal', async () => {
  const { dispatcher, cancelled, submitted } = ports({}, { refuses: 'b' })
  const run = runJobs({ jobs: [job('a'), job('b')], dispatcher, signal: never(), onCancelFailed })
  const failure = toFailure(await collect(run).catch((error: unknown) => error))
  expect(failure).toMatchObject({ code: 'queue_unavailable', retryAfterSeconds: 1 })
  expect(failure.message).not.toContain('secret')
  expect(submitted).toEqual(['a'])
  expect(cancelled).toEqual(['a', 'b'])
})

test('a consumer that leaves cancels the jobs', async () => {
  const { dispatcher, cancelled } = ports({ a: [delta] })
  for await (const _ of runJobs({ jobs: [job('a')], dispatcher, signal: never(), onCancelFailed })) break
  expect(cancelled).toEqual(['a'])
})

test('the signal ends the run with its failure, or as cancelled', async () => {
  const shutdown = new Failure('overloaded', 'shutting down')
  for (const [reason, code] of [[shutdown, 'overloaded'] as const, [new Error('socket'), 'cancelled'] as const]) {
    const { dispatcher, cancelled } = ports({ a: [delta] })
    const controller = new AbortController()
    const run = runJobs({ jobs: [job('a')], dispatcher, signal: controller.signal, onCancelFailed })
    await run.next()
    controller.abort(reason)
    await expect(run.next()).rejects.toMatchObject({ code })
    expect(cancelled).toEqual(['a'])
  }
})

test('a job that nobody ends is given up after its deadline', async () => {
  const { dispatcher, cancelled } = ports({ a: [] })
  const run = runJobs({ jobs: [job('a', Date.now() - 990)], dispatcher, signal: never(), onCancelFailed })
  await expect(collect(run)).rejects.toMatchObject({ code: 'deadline_exceeded' })
  expect(cancelled).toEqual(['a'])
})

test('a cancellation that fails is reported and hides nothing', async () => {
  const { dispatcher } = ports({ a: [delta] })
  const broken = vi.spyOn(dispatcher, 'cancel').mockRejectedValue(new Error('Redis is away'))
  const onFailed = vi.fn()
  for await (const _ of runJobs({ jobs: [job('a')], dispatcher, signal: never(), onCancelFailed: onFailed })) break
  await eventually(() => onFailed.mock.calls.length === 1)
  expect(broken).toHaveBeenCalledOnce()
})
