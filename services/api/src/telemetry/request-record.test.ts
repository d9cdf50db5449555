import type { JobEvent } from '@millrace/contracts/jobs'
import type { AuditEntry } from '@millrace/runtime'
import { Registry } from 'prom-client'
import { expect, test, vi } from 'vitest'
import { createApiMetrics } from './api-metrics.ts'
import { RequestRecord } from './request-record.ts'

function record(kind: 'generation' | 'embedding') {
  const registry = new Registry()
  const audit = vi.fn<(entry: AuditEntry) => void>()
  const metrics = createApiMetrics(registry)
  const names = { requestId: 'r', tenant: 't', route: '/x' }
  const subject = new RequestRecord({ ...names, kind, metrics, audit })
  subject.model = 'm'
  const see = (jobId: string, events: [JobEvent, ...JobEvent[]]) => subject.see({ jobId, seq: 1, epoch: 1, events })
  return { subject, audit, registry, see }
}

const started: JobEvent = { type: 'job-started', promptTokens: 5, cachedTokens: 0, queuedMs: 7 }
const delta: JobEvent = { type: 'text-delta', text: 'secret', tokens: [1, 2] }
const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 3 }

test('a request that completes is counted as its model counts, once', async () => {
  const { subject, audit, registry, see } = record('generation')
  see('a', [started, delta, delta])
  see('a', [{ type: 'job-finished', reason: 'stop', usage }])
  subject.finish('completed')
  subject.finish('internal_error')
  expect(audit).toHaveBeenCalledExactlyOnceWith({
    ...{ requestId: 'r', tenant: 't', kind: 'generation', model: 'm', outcome: 'completed' },
    ...{ promptTokens: 5, completionTokens: 3, queuedMs: 7 },
    firstTokenMs: expect.any(Number),
    durationMs: expect.any(Number),
  })
  expect(await registry.metrics()).toContain('millrace_generation_tokens_total{model="m"} 3')
})

test('a request that is cut off is counted as far as it was seen', () => {
  const { subject, audit, see } = record('generation')
  see('a', [started, delta])
  see('b', [started, delta])
  subject.finish('cancelled')
  expect(audit.mock.lastCall?.[0]).toMatchObject({ promptTokens: 5, completionTokens: 4, outcome: 'cancelled' })
})

test('the inputs of embedding jobs add up', () => {
  const { subject, see } = record('embedding')
  see('a', [started])
  see('b', [started])
  expect(subject.tokens()).toEqual({ prompt: 10, completion: 0 })
})

test('cancelled requests and failures are told apart', async () => {
  const [cancelled, failed] = [record('generation'), record('generation')]
  cancelled.subject.finish('cancelled')
  failed.subject.finish('engine_failure')
  expect(await cancelled.registry.metrics()).toContain('millrace_requests_cancelled_total{model="m"} 1')
  expect(await cancelled.registry.metrics()).not.toContain('millrace_request_failures_total{')
  expect(await failed.registry.metrics()).toContain('millrace_request_failures_total{code="engine_failure"} 1')
})

test('a request that never had jobs has no times of them in its audit line', () => {
  const { subject, audit } = record('generation')
  subject.finish('model_unavailable')
  expect(audit.mock.lastCall?.[0]).toMatchObject({ firstTokenMs: undefined, queuedMs: undefined, completionTokens: 0 })
})
