import type { JobEvent } from '@millrace/contracts/jobs'
import type { Claim, DeltaLogWriter } from '@millrace/delta-log'

/** Appends under way before the engine is made to wait. Far more than one round trip takes, little memory. */
const windowAppends = 64

/** The delta log as one attempt at a job writes it: many appends under way, in order, and the first error stops all. */
export class AttemptLog {
  readonly #writer: Pick<DeltaLogWriter, 'append'>
  readonly #claim: Claim
  readonly #window: Promise<void>[] = []
  readonly #failed = new AbortController()

  constructor(writer: Pick<DeltaLogWriter, 'append'>, claim: Claim) {
    this.#writer = writer
    this.#claim = claim
  }

  /** Aborts, with the error as its reason, when an append fails: nothing more can be logged. */
  get failed(): AbortSignal {
    return this.#failed.signal
  }

  /** Resolves at once while the window has room, so that a token does not wait for the round trip of the one before. */
  async push(event: JobEvent): Promise<void> {
    const logged = this.#writer.append(this.#claim, [event])
    logged.catch((error: unknown) => this.#failed.abort(error))
    this.#window.push(logged)
    if (this.#window.length > windowAppends) await this.#window.shift()
  }

  /** Resolves when everything pushed is logged; rejects when some of it was refused. */
  async flush(): Promise<void> {
    await Promise.all(this.#window.splice(0))
  }
}
