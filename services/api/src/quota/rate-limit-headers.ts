import type { Reservation } from './quota-counter.ts'

/**
 * OpenAI's headers about one limit, after
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers.
 */
export function rateLimitHeaders(
  what: 'requests' | 'tokens',
  limit: number,
  { remaining, resetMs }: Pick<Reservation, 'remaining' | 'resetMs'>,
): [string, string][] {
  return [
    [`x-ratelimit-limit-${what}`, String(limit)],
    [`x-ratelimit-remaining-${what}`, String(remaining)],
    [`x-ratelimit-reset-${what}`, durationText(resetMs)],
  ]
}

/** As OpenAI writes durations: `20ms`, `1.5s`, `6m0s`. */
export function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${Math.ceil(durationMs)}ms`
  const seconds = Math.ceil(durationMs / 100) / 10
  if (seconds < 60) return `${seconds}s`
  const wholeSeconds = Math.ceil(seconds)
  return `${Math.floor(wholeSeconds / 60)}m${wholeSeconds % 60}s`
}
