import type { Settings } from '@millrace/runtime/settings'

/** How the supervisor and its worker processes share `SHUTDOWN_TIMEOUT`, in milliseconds from the first signal. */
export type ShutdownBudget = {
  /** Running jobs may end by themselves until here, then they are handed back to the queue. */
  drainMs: number
  /** A worker process gives up closing in good order. */
  processMs: number
  /** The supervisor kills what is left. */
  killMs: number
}

/** A drain time that leaves no room for handing back is cut: what is killed in the middle would be found later. */
export function shutdownBudget({
  drainTimeoutMs,
  shutdownTimeoutMs,
}: Pick<Settings, 'drainTimeoutMs' | 'shutdownTimeoutMs'>): ShutdownBudget {
  return {
    drainMs: Math.min(drainTimeoutMs, shutdownTimeoutMs * 0.6),
    processMs: shutdownTimeoutMs * 0.8,
    killMs: shutdownTimeoutMs * 0.9,
  }
}
