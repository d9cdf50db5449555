import type { JobEvent, TokenUsage } from '@millrace/contracts/jobs'

/**
 * Tokens of one job as far as its events have been seen: counted while it runs, exact from its last event on. So a
 * job whose client left is accounted for too.
 */
export class TokenMeter {
  #usage: TokenUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }

  get usage(): TokenUsage {
    return this.#usage
  }

  see(event: JobEvent): void {
    if (event.type === 'job-started') {
      const { promptTokens, cachedTokens } = event
      this.#usage = { ...this.#usage, promptTokens, cachedTokens }
    } else if (event.type === 'text-delta') {
      this.#usage = { ...this.#usage, completionTokens: this.#usage.completionTokens + event.tokens.length }
    } else if ('usage' in event && event.usage !== undefined) {
      this.#usage = event.usage
    }
  }
}
