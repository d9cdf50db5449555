/** How the supervisor and its worker processes share `SHUTDOWN_TIMEOUT`, in milliseconds from the first signal. */
export type ShutdownBudget = {
  /** Running jobs may end by themselves until here, then they are handed back to the queue. */
  drainMs: number
  /** A worker process gives up closing in good order. */
  processMs: number
  /** The supervisor kills what is left. */
  killMs: number
}

export function shutdownBudget(timeoutMs: number): ShutdownBudget {
  return { drainMs: timeoutMs * 0.6, processMs: timeoutMs * 0.8, killMs: timeoutMs * 0.9 }
}
