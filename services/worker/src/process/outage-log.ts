import type { Logger } from '@millrace/runtime'

export type OutageLogOptions = {
  logger: Pick<Logger, 'warn'>
  /** An error with the same message is logged once in this time, in milliseconds. */
  intervalMs: number
}

/** While Redis is away, each connection reports the same error several times a second: this logs it now and then. */
export class OutageLog {
  readonly #options: OutageLogOptions
  readonly #loggedAtMs = new Map<string, number>()

  constructor(options: OutageLogOptions) {
    this.#options = options
  }

  /** `from` says who met the error. */
  warn(error: Error, from: string): void {
    const now = performance.now()
    for (const [message, loggedAtMs] of this.#loggedAtMs) {
      if (now - loggedAtMs >= this.#options.intervalMs) this.#loggedAtMs.delete(message)
    }
    if (this.#loggedAtMs.has(error.message)) return
    this.#loggedAtMs.set(error.message, now)
    this.#options.logger.warn({ err: error }, from)
  }
}
