import { Failure } from '@millrace/contracts/failures'
import type { QuotaCounter, Reservation } from './quota-counter.ts'
import { durationText, rateLimitHeaders } from './rate-limit-headers.ts'

export type QuotaRule = {
  /** As a client reads it: `tokens per minute`. */
  name: string
  unit: 'requests' | 'tokens'
  code: 'rate_limit_exceeded' | 'insufficient_quota'
  /** Whether the `x-ratelimit-*` headers of its unit are about this rule. */
  inHeaders: boolean
  /** Whether it also limits requests that make no work: those that read what another one started. */
  countsReadings?: boolean
  counter: QuotaCounter
}

export type QuotaRequest = {
  tenant: string
  /** Who gets the reservation; unique among all requests, so no id that a client may choose. */
  holder: string
  /** Estimate of prompt and completion; corrected when the request is settled. */
  tokens: number
}

export type Admission = {
  /** `x-ratelimit-*`, for the answer. */
  headers: [string, string][]
  /** Why the request is refused; then nothing is reserved. */
  refusal: Failure | undefined
  /** Says what was really used, and lets go of the rest. Calling it again does nothing. */
  settle(usedTokens: number): Promise<void>
}

type Reserved = { rule: QuotaRule; reservation: Reservation }

/** The limits of a tenant. All have to grant a request; they are asked at the same time, in one round trip. */
export class Quotas {
  readonly #rules: readonly QuotaRule[]
  readonly #onError: (error: unknown) => void

  constructor(options: { rules: readonly QuotaRule[]; onError: (error: unknown) => void }) {
    this.#rules = options.rules
    this.#onError = options.onError
  }

  /** Reserves what a request needs. Throws `queue_unavailable` when a counter cannot be reached. */
  async admit(request: QuotaRequest): Promise<Admission> {
    return await this.#admit(request, this.#rules)
  }

  /** Admits a request that makes no work; only the limits of requests as such apply. Throws like `admit`. */
  async admitReading(request: Omit<QuotaRequest, 'tokens'>): Promise<Omit<Admission, 'settle'>> {
    const rules = this.#rules.filter((rule) => rule.countsReadings)
    return await this.#admit({ ...request, tokens: 0 }, rules)
  }

  async #admit(request: QuotaRequest, rules: readonly QuotaRule[]): Promise<Admission> {
    const reserved = await this.#reserveAll(request, rules)
    const refusal = refusalOf(reserved)
    if (refusal !== undefined) await this.#settle(reserved, { requests: 0, tokens: 0 })
    let isSettled = refusal !== undefined
    const settle = async (tokens: number) => {
      if (isSettled) return
      isSettled = true
      await this.#settle(reserved, { requests: 1, tokens })
    }
    return { headers: headersOf(reserved), refusal, settle }
  }

  async #reserveAll({ tenant, holder, tokens }: QuotaRequest, rules: readonly QuotaRule[]): Promise<Reserved[]> {
    const outcomes = await Promise.allSettled(
      rules.map(async (rule) => {
        const points = rule.unit === 'requests' ? 1 : tokens
        return { rule, reservation: await rule.counter.reserve({ tenant, holder, points }) }
      }),
    )
    const reserved = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed === undefined) return reserved
    await this.#settle(reserved, { requests: 0, tokens: 0 })
    throw new Failure('queue_unavailable', 'The rate limits cannot be checked at the moment. Please try again.', {
      retryAfterSeconds: 1,
      cause: failed.reason,
    })
  }

  /** Never rejects: at the end of a request nobody could do anything about it, and the windows pass. */
  async #settle(reserved: readonly Reserved[], used: Record<QuotaRule['unit'], number>): Promise<void> {
    const granted = reserved.filter(({ reservation }) => reservation.granted)
    const settled = granted.map(({ rule, reservation }) => reservation.settle(used[rule.unit]))
    for (const outcome of await Promise.allSettled(settled)) {
      if (outcome.status === 'rejected') this.#onError(outcome.reason)
    }
  }
}

function headersOf(reserved: readonly Reserved[]): [string, string][] {
  return reserved.flatMap(({ rule, reservation }) =>
    rule.inHeaders ? rateLimitHeaders(rule.unit, rule.counter.limit, reservation) : [],
  )
}

/** Of several refusals the one that lasts longest: earlier it makes no sense to come back. */
function refusalOf(reserved: readonly Reserved[]): Failure | undefined {
  const refused = reserved.filter(({ reservation }) => !reservation.granted)
  const [last] = refused.sort((a, b) => b.reservation.resetMs - a.reservation.resetMs)
  if (last === undefined) return undefined
  const { rule, reservation } = last
  const message = `Rate limit reached: ${rule.counter.limit} ${rule.name}. Please try again in ${durationText(reservation.resetMs)}.`
  return new Failure(rule.code, message, { retryAfterSeconds: Math.max(Math.ceil(reservation.resetMs / 1000), 1) })
}
