/** Lateness up to this is caught up with; beyond it, tokens come late, as on an overloaded device. */
const catchUpMs = 10

/**
 * Beats for all running generations at once, as a device that decodes one batch after the other. There is a timer
 * only while somebody waits.
 */
export class DecodeClock {
  readonly #stepMs: number
  /** The first beat of all comes at once. */
  #lastStepAtMs = Number.NEGATIVE_INFINITY
  #next: Promise<number> | undefined

  /** @param tokensPerSecond of one generation; 0 for one step per turn of the event loop. */
  constructor(tokensPerSecond: number) {
    this.#stepMs = tokensPerSecond === 0 ? 0 : 1000 / tokensPerSecond
  }

  /** Resolves on the next beat, with the number of tokens to decode on it: more than one when a beat is below 1 ms. */
  beat(): Promise<number> {
    this.#next ??= this.#stepMs === 0 ? this.#onNextTurn() : this.#onTime()
    return this.#next
  }

  #onNextTurn(): Promise<number> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#next = undefined
        resolve(1)
      })
    })
  }

  #onTime(): Promise<number> {
    const delayMs = Math.max(0, this.#lastStepAtMs + this.#stepMs - performance.now())
    return new Promise((resolve) => {
      setTimeout(() => {
        this.#next = undefined
        resolve(this.#takeSteps())
      }, delayMs)
    })
  }

  #takeSteps(): number {
    const now = performance.now()
    const elapsedMs = Math.min(now - this.#lastStepAtMs, Math.max(this.#stepMs, catchUpMs))
    const steps = Math.max(1, Math.floor(elapsedMs / this.#stepMs))
    this.#lastStepAtMs = now - (elapsedMs - steps * this.#stepMs)
    return steps
  }
}
