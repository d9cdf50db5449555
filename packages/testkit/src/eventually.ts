import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Repeats `probe` until it neither throws nor returns false, and gives what it returned. This is how a test waits:
 * for a fact, not for a time.
 *
 * @throws Error after `timeoutMs` (default 10 s), with what the last probe threw as its cause.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 20 } = options
  const deadlineAtMs = performance.now() + timeoutMs
  let last: unknown = new Error('the probe did not return in time')
  do {
    const outcome = await settle(probe, deadlineAtMs - performance.now())
    if ('value' in outcome && outcome.value !== false) return outcome.value
    if ('error' in outcome) last = outcome.error
    if ('value' in outcome) last = new Error('the probe returned false')
    await sleep(intervalMs)
  } while (performance.now() < deadlineAtMs)
  throw new Error(`not within ${timeoutMs} ms: ${last instanceof Error ? last.message : String(last)}`, { cause: last })
}

type Outcome<T> = { value: T } | { error: unknown } | Record<string, never>

/** A probe that hangs must not outlive the deadline: then the outcome is empty. */
async function settle<T>(probe: () => T | Promise<T>, limitMs: number): Promise<Outcome<T>> {
  const timer = new AbortController()
  const late = sleep(Math.max(limitMs, 0), {}, { signal: timer.signal }).catch(() => ({}))
  const attempt = (async () => probe())().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  try {
    return await Promise.race([attempt, late])
  } finally {
    timer.abort()
  }
}
