/** What a starting service uses to say how it ends. */
export type Life = {
  /** Registers how to close what was just built; called in reverse order at shutdown, one after the other. */
  defer(name: string, close: () => Promise<void> | void): void
  /** Aborted when shutdown begins. */
  readonly signal: AbortSignal
  /** Begins an orderly shutdown. */
  shutdown(reason: string): void
  /** Logs `error` as fatal and begins a shutdown that ends with exit code 1. */
  fail(error: unknown): void
}
