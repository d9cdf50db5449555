import type { GenerationRecord } from './generation-record.ts'

export type ReaderLeasesOptions = {
  store: {
    renewLease(id: string, forMs: number): Promise<void>
    /** 0 when it has passed. */
    leaseLeftMs(id: string): Promise<number>
  }
  /** How long a generation goes on without a reader, in milliseconds (`RESUME_GRACE`). */
  graceMs: number
  onError: (error: unknown) => void
}

/** One reading of a generation. */
export type Reader = {
  /** The client is gone, the generation is not over. Calling it again does nothing. */
  leave(): void
  /** There is nothing left to watch. */
  end(): void
}

/**
 * Watches over resumable generations. Every reader, on whichever replica, renews one lease that lasts as long as the
 * grace: so the grace is over when the lease has passed, and whoever left before finds that out.
 */
export class ReaderLeases {
  readonly #options: ReaderLeasesOptions
  readonly #readers = new Set<Reader>()

  constructor(options: ReaderLeasesOptions) {
    this.#options = options
  }

  /** Begins a reading. `onDeserted` is called at most once: after this reader, and every other one, left for good. */
  async join(record: Pick<GenerationRecord, 'id' | 'deadlineAtMs'>, onDeserted: () => void): Promise<Reader> {
    const { store, graceMs, onError } = this.#options
    await store.renewLease(record.id, graceMs)
    const renew = () => void store.renewLease(record.id, graceMs).catch(onError)
    const renewal = setInterval(renew, graceMs / 3)
    let watch: NodeJS.Timeout | undefined
    let isLeft = false
    const reader: Reader = {
      leave: () => {
        if (isLeft) return
        isLeft = true
        clearInterval(renewal)
        renew()
        watchIn(graceMs)
      },
      end: () => {
        isLeft = true
        clearInterval(renewal)
        clearTimeout(watch)
        this.#readers.delete(reader)
      },
    }
    const watchIn = (delayMs: number) => {
      watch = setTimeout(() => void check(), delayMs + 1)
    }
    const check = async () => {
      const leftMs = await this.#leftMs(record.id)
      if (!this.#readers.has(reader)) return
      // Past the deadline there is nothing to cancel.
      if (leftMs > 0 && Date.now() < record.deadlineAtMs) return watchIn(leftMs)
      reader.end()
      onDeserted()
    }
    this.#readers.add(reader)
    return reader
  }

  /** Watches nothing any more. */
  close(): void {
    for (const reader of [...this.#readers]) reader.end()
  }

  async #leftMs(id: string): Promise<number> {
    const { store, graceMs, onError } = this.#options
    try {
      return await store.leaseLeftMs(id)
    } catch (error) {
      onError(error)
      // The lease may pass while Redis is away; its readers get the time to renew it.
      return graceMs
    }
  }
}
