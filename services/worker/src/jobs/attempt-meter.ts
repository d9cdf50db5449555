import type { FailureCode } from '@millrace/contracts/failures'
import type { Job, JobEvent, JobStarted, ResumePoint, TextDelta, TokenUsage } from '@millrace/contracts/jobs'
import type { Throughput } from './throughput.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

/**
 * How an attempt at a job ended. `skipped`: the job had ended before. `fenced`: another attempt took it over, or it
 * was ended from outside. `returned`: it goes back to the queue.
 */
export type AttemptOutcome = 'finished' | 'failed' | 'cancelled' | 'skipped' | 'fenced' | 'returned'

/** Counts one attempt at a job, for the metrics and for the usage of a generation that is cut short. */
export class AttemptMeter {
  readonly #metrics: WorkerMetrics
  readonly #throughput: Throughput
  readonly #job: Job
  readonly #startedAtMs = performance.now()
  /** From submission until this attempt, in milliseconds. */
  readonly queuedMs: number
  #started: JobStarted | undefined
  #completionTokens = 0
  #lastTokenAtMs: number | undefined
  /** Its first token came in an earlier attempt, and so did the end of its waiting. */
  #isResumed = false

  constructor({ metrics, throughput }: { metrics: WorkerMetrics; throughput: Throughput }, job: Job) {
    this.#metrics = metrics
    this.#throughput = throughput
    this.#job = job
    this.queuedMs = Math.max(0, Date.now() - job.submittedAtMs)
    throughput.begin(job.model)
  }

  /** Tokens of the job so far, those of earlier attempts included; undefined while the prompt has not been counted. */
  get usage(): TokenUsage | undefined {
    if (this.#started === undefined) return undefined
    const { promptTokens, cachedTokens } = this.#started
    return { promptTokens, cachedTokens, completionTokens: this.#completionTokens }
  }

  resume(point: ResumePoint): void {
    this.#completionTokens = point.tokens.length
    this.#isResumed = true
  }

  observe(event: JobEvent): void {
    if (event.type === 'job-started') this.#start(event)
    if (event.type === 'text-delta') this.#countTokens(event)
  }

  end(outcome: AttemptOutcome, code?: FailureCode): void {
    this.#throughput.end(this.#job.model)
    this.#metrics.jobs.inc({ kind: this.#job.kind, outcome })
    if (code !== undefined) this.#metrics.failures.inc({ code })
  }

  #start(event: JobStarted): void {
    this.#started = event
    if (!this.#isResumed) this.#metrics.queueTime.observe({ kind: this.#job.kind }, this.queuedMs / 1000)
    this.#metrics.promptTokens.inc(event.promptTokens)
    this.#metrics.cachedTokens.inc(event.cachedTokens)
    this.#throughput.count(this.#job.model, event.promptTokens)
  }

  #countTokens({ tokens: { length } }: TextDelta): void {
    // Text that was held back comes without tokens.
    if (length === 0) return
    const now = performance.now()
    const { timeToFirstToken, interTokenLatency, generationTokens } = this.#metrics
    if (this.#lastTokenAtMs === undefined) {
      if (!this.#isResumed) timeToFirstToken.observe((now - this.#startedAtMs) / 1000)
    } else interTokenLatency.observe((now - this.#lastTokenAtMs) / 1000 / length)
    generationTokens.inc(length)
    this.#throughput.count(this.#job.model, length)
    this.#completionTokens += length
    this.#lastTokenAtMs = now
  }
}
