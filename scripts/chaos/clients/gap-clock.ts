import type { Gap } from './answer.ts'

/** Shorter silences are everyday life on a busy machine. */
const noticedMs = 250

/** Notes the silences between chunks. */
export class GapClock {
  readonly #gaps: Gap[]
  #lastAtMs: number | undefined

  constructor(gaps: Gap[]) {
    this.#gaps = gaps
  }

  /** A chunk has come. */
  tick(): void {
    const now = performance.now()
    if (this.#lastAtMs !== undefined && now - this.#lastAtMs > noticedMs) {
      this.#gaps.push({ fromMs: this.#lastAtMs, toMs: now })
    }
    this.#lastAtMs = now
  }

  /** The client itself was away until now, after it had begun to read. */
  excuse(): void {
    if (this.#lastAtMs !== undefined) this.#lastAtMs = performance.now()
  }
}
