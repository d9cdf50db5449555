import type { Frame, JobKind } from '@millrace/contracts/jobs'
import type { AuditEntry } from '@millrace/runtime'
import type { ApiMetrics } from './api-metrics.ts'
import { TokenMeter } from './token-meter.ts'

export type RequestRecordOptions = {
  requestId: string
  tenant: string
  kind: JobKind
  route: string
  metrics: ApiMetrics
  audit: (entry: AuditEntry) => void
}

/** What is known about one request for a model: fed with its frames, written to the audit log and metrics at its end. */
export class RequestRecord {
  /** Empty until the model is known. */
  model = ''
  readonly #options: RequestRecordOptions
  readonly #startedAtMs = performance.now()
  readonly #meters = new Map<string, TokenMeter>()
  readonly #lastTokenAtMs = new Map<string, number>()
  readonly #started = new Set<string>()
  #queuedMs: number | undefined
  #firstTokenMs: number | undefined
  #isFinished = false

  constructor(options: RequestRecordOptions) {
    this.#options = options
  }

  see(frame: Frame): void {
    const meter = this.#meters.get(frame.jobId) ?? new TokenMeter()
    this.#meters.set(frame.jobId, meter)
    let tokens = 0
    for (const event of frame.events) {
      meter.see(event)
      if (event.type === 'job-started') this.#seeStart(frame.jobId, event.queuedMs)
      if (event.type === 'text-delta') tokens += event.tokens.length
    }
    if (tokens > 0) this.#seeTokens(frame.jobId, tokens)
  }

  /** As the client's `usage` counts them: the choices of a chat share one prompt. */
  tokens(): { prompt: number; completion: number } {
    const usages = [...this.#meters.values()].map((meter) => meter.usage)
    const prompts = usages.map((usage) => usage.promptTokens)
    const completion = usages.reduce((sum, usage) => sum + usage.completionTokens, 0)
    if (this.#options.kind === 'generation') return { prompt: Math.max(0, ...prompts), completion }
    return { prompt: prompts.reduce((sum, tokens) => sum + tokens, 0), completion }
  }

  /** `outcome` is `completed` or the code of the failure. Only the first call counts. */
  finish(outcome: string): void {
    if (this.#isFinished) return
    this.#isFinished = true
    const { metrics, audit, requestId, tenant, kind, route } = this.#options
    const { prompt, completion } = this.tokens()
    const durationMs = performance.now() - this.#startedAtMs
    metrics.duration.observe({ route }, durationMs / 1000)
    metrics.promptTokens.inc({ model: this.model }, prompt)
    metrics.generationTokens.inc({ model: this.model }, completion)
    if (outcome === 'cancelled') metrics.cancelled.inc({ model: this.model })
    else if (outcome !== 'completed') metrics.failures.inc({ code: outcome })
    audit({
      ...{ requestId, tenant, kind, outcome, durationMs: Math.round(durationMs) },
      model: this.model,
      promptTokens: prompt,
      completionTokens: completion,
      queuedMs: this.#queuedMs,
      firstTokenMs: this.#firstTokenMs === undefined ? undefined : Math.round(this.#firstTokenMs),
    })
  }

  /** A job that another worker continues starts again, and did not wait all that time. */
  #seeStart(jobId: string, queuedMs: number): void {
    if (this.#started.has(jobId)) return
    this.#started.add(jobId)
    this.#queuedMs ??= queuedMs
    this.#options.metrics.queueTime.observe({ model: this.model }, queuedMs / 1000)
  }

  #seeTokens(jobId: string, count: number): void {
    const now = performance.now()
    const { metrics } = this.#options
    const lastAtMs = this.#lastTokenAtMs.get(jobId)
    this.#lastTokenAtMs.set(jobId, now)
    if (lastAtMs !== undefined) {
      metrics.interTokenLatency.observe({ model: this.model }, (now - lastAtMs) / 1000 / count)
    } else if (this.#firstTokenMs === undefined) {
      this.#firstTokenMs = now - this.#startedAtMs
      metrics.timeToFirstToken.observe({ model: this.model }, this.#firstTokenMs / 1000)
    }
  }
}
