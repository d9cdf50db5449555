import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { QuotaCounter, Reservation, ReservationRequest } from './quota-counter.ts'

/** Points (requests or tokens) that a tenant may use in a window of time, which begins with the first use. */
export class PointsWindow implements QuotaCounter {
  readonly limit: number
  readonly #limiter: RateLimiterAbstract

  constructor(limiter: RateLimiterAbstract) {
    this.limit = limiter.points
    this.#limiter = limiter
  }

  async reserve({ tenant, points }: ReservationRequest): Promise<Reservation> {
    // A request that is larger than a whole window is let through when the window is fresh, rather than never.
    const reserved = Math.min(points, this.limit)
    const { granted, result } = await this.#consume(tenant, reserved)
    const windowEndsAtMs = performance.now() + result.msBeforeNext
    const settle = (used: number) => this.#settle({ tenant, reserved, used, windowEndsAtMs })
    // The limiter counts what it refuses.
    if (!granted) await settle(0)
    return { granted, remaining: result.remainingPoints, resetMs: result.msBeforeNext, settle }
  }

  async #consume(tenant: string, points: number): Promise<{ granted: boolean; result: RateLimiterRes }> {
    try {
      return { granted: true, result: await this.#limiter.consume(tenant, points) }
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return { granted: false, result: refusal }
      throw refusal
    }
  }

  async #settle(window: { tenant: string; reserved: number; used: number; windowEndsAtMs: number }): Promise<void> {
    const { tenant, reserved, used, windowEndsAtMs } = window
    if (used > reserved) await this.#limiter.penalty(tenant, used - reserved)
    // A reservation that ended with its window must not become a gift to the next one.
    if (used < reserved && performance.now() < windowEndsAtMs) await this.#limiter.reward(tenant, reserved - used)
  }
}
