import type { Job, JobEvent } from '@millrace/contracts/jobs'
import { Counter, Histogram, type Registry } from 'prom-client'

/** Follows one attempt at a job. */
export type JobObserver = {
  event(event: JobEvent): void
  /** Another attempt has taken over. */
  fenced(): void
  /** The job goes on in another process. */
  handedBack(): void
}

const queueBuckets = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300]
const tokenBuckets = [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

/** Metrics of the jobs that this process runs; names after vLLM's, which dashboards of the field know. */
export function observeJobs(registry: Registry): (job: Job) => JobObserver {
  const metrics = jobMetrics(registry)
  return (job) => {
    const startedAtMs = performance.now()
    let lastTokenAtMs: number | undefined
    const finish = (outcome: string) => {
      metrics.jobs.inc({ kind: job.kind, outcome })
      metrics.duration.observe({ kind: job.kind }, (performance.now() - startedAtMs) / 1000)
    }
    const token = () => {
      const now = performance.now()
      if (lastTokenAtMs === undefined) metrics.firstToken.observe((now - startedAtMs) / 1000)
      else metrics.interToken.observe((now - lastTokenAtMs) / 1000)
      lastTokenAtMs = now
    }
    return {
      event(event) {
        if (event.type === 'job-started') {
          metrics.queueTime.observe({ kind: job.kind }, event.queuedMs / 1000)
          metrics.promptTokens.inc(event.promptTokens)
          metrics.cachedTokens.inc(event.cachedTokens)
        } else if (event.type === 'text-delta' && event.tokens.length > 0) {
          metrics.generatedTokens.inc(event.tokens.length)
          token()
        } else if (event.type === 'job-finished') finish(event.reason)
        else if (event.type === 'job-cancelled') finish('cancelled')
        else if (event.type === 'job-failed') {
          metrics.failures.inc({ code: event.code })
          finish('failed')
        }
      },
      fenced: () => finish('fenced'),
      handedBack: () => finish('handed_back'),
    }
  }
}

function jobMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <const T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter({ name: `millrace_worker_${name}`, help, labelNames, registers })
  const histogram = <const T extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly T[] = [],
  ) => new Histogram({ name: `millrace_worker_${name}_seconds`, help, buckets, labelNames, registers })
  return {
    jobs: counter('jobs_total', 'Attempts at jobs that have ended, by how.', ['kind', 'outcome']),
    failures: counter('job_failures_total', 'Jobs that failed, by code.', ['code']),
    promptTokens: counter('prompt_tokens_total', 'Tokens of prompts.'),
    cachedTokens: counter('cached_prompt_tokens_total', 'Of those, tokens that were in a slot already.'),
    generatedTokens: counter('generation_tokens_total', 'Tokens generated.'),
    queueTime: histogram('request_queue_time', 'From submission to the start of an attempt.', queueBuckets, ['kind']),
    firstToken: histogram('time_to_first_token', 'From the start of an attempt to its first token.', queueBuckets),
    interToken: histogram('inter_token_latency', 'Between two tokens of one generation.', tokenBuckets),
    duration: histogram('job_duration', 'From the start of an attempt to its end.', queueBuckets, ['kind']),
  }
}
