export type BackoffOptions = {
  /** Delay after the first crash, in milliseconds; each further one doubles it. */
  firstMs: number
  longestMs: number
  /** A run that was healthy for this long starts the count anew. */
  healthyMs: number
}

/** How long to wait before a process that died is started again. */
export class Backoff {
  readonly #options: BackoffOptions
  #delayMs: number

  constructor(options: BackoffOptions) {
    this.#options = options
    this.#delayMs = options.firstMs
  }

  /** The delay after a run that was healthy for `healthyMs` milliseconds before it ended. */
  next(healthyMs: number): number {
    if (healthyMs >= this.#options.healthyMs) this.#delayMs = this.#options.firstMs
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(2 * delayMs, this.#options.longestMs)
    return delayMs
  }
}
