import type { JobEvent } from '@millrace/contracts/jobs'
import type { Claim, DeltaLogWriter } from '@millrace/delta-log'

/** Events of one job that may be on their way to Redis; about a second of decoding. */
const mostInFlight = 64

/**
 * Writes one job's events without waiting a round trip for each. When one is refused, `failed` aborts with the reason:
 * the engine should not go on for a log that nobody can write.
 */
export class LogSink {
  readonly #log: Pick<DeltaLogWriter, 'append'>
  readonly #claim: Claim
  readonly #inFlight = new Set<Promise<void>>()
  readonly #failure = new AbortController()

  constructor(log: Pick<DeltaLogWriter, 'append'>, claim: Claim) {
    this.#log = log
    this.#claim = claim
  }

  get failed(): AbortSignal {
    return this.#failure.signal
  }

  /** Resolves at once, unless too much is on its way. */
  async write(event: JobEvent): Promise<void> {
    this.failed.throwIfAborted()
    const append = this.#append(event)
    this.#inFlight.add(append)
    if (this.#inFlight.size >= mostInFlight) await Promise.race(this.#inFlight)
  }

  /** Resolves once everything written is in the log. */
  async flush(): Promise<void> {
    await Promise.all(this.#inFlight)
    this.failed.throwIfAborted()
  }

  async #append(event: JobEvent): Promise<void> {
    try {
      await this.#log.append(this.#claim, [event])
    } catch (error) {
      this.#failure.abort(error)
    } finally {
      for (const append of this.#inFlight) {
        // Appends are settled in order: the oldest one is this one.
        this.#inFlight.delete(append)
        break
      }
    }
  }
}
