const dayMs = 24 * 60 * 60 * 1000

/**
 * How long Redis keeps a log: `endedMs` after its terminal frame (`LOG_TTL`), and `unfinishedMs` after it was last
 * opened, claimed or, within 128 frames, written. The second only cleans up after jobs that were lost, and must
 * outlast the longest wait in the queue (a batch has a day): a log that expires under its job loses the fence.
 */
export type LogLifetimes = { endedMs: number; unfinishedMs: number }

export function logLifetimes(ttlMs: number): LogLifetimes {
  return { endedMs: ttlMs, unfinishedMs: Math.max(ttlMs, dayMs) }
}
