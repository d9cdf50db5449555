/** A fixed number of places; who finds none waits in line. */
export class Slots {
  readonly #total: number
  readonly #waiting = new Set<() => void>()
  #busy = 0

  constructor(total: number) {
    this.#total = total
  }

  get busy(): number {
    return this.#busy
  }

  /**
   * Takes a place, and gives the function that frees it.
   *
   * @throws the signal's reason when it aborts first.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#busy === this.#total) await this.#wait(signal)
    else this.#busy += 1
    return () => this.#free()
  }

  /** The place of who leaves is handed to the first in line, so nobody can jump the queue. */
  #free(): void {
    const [first] = this.#waiting
    if (first === undefined) this.#busy -= 1
    else first()
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      this.#waiting.delete(enter)
      signal.removeEventListener('abort', giveUp)
    }
    const enter = () => {
      leave()
      resolve()
    }
    const giveUp = () => {
      leave()
      reject(signal.reason)
    }
    this.#waiting.add(enter)
    signal.addEventListener('abort', giveUp)
    return promise
  }
}
