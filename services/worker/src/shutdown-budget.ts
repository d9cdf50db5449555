/** How the supervisor and its worker processes share `SHUTDOWN_TIMEOUT`, in milliseconds from the first signal. */
export type ShutdownBudget = {
  /** A worker process gives up closing in good order. The time to drain is over by then: see `DRAIN_TIMEOUT`. */
  processMs: number
  /** The supervisor kills what is left. */
  killMs: number
}

export function shutdownBudget(timeoutMs: number): ShutdownBudget {
  return { processMs: timeoutMs * 0.8, killMs: timeoutMs * 0.9 }
}
