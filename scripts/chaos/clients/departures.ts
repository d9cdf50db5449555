import type { Random } from '../random.ts'

/** Lets the chaos break the connection of a client that can come back, and says how long that client stays away. */
export class Departures {
  readonly #readings = new Set<(awayMs: number) => void>()

  /** Registers a reading that may be broken off; disposing of it ends that. */
  offer(leave: (awayMs: number) => void): Disposable {
    this.#readings.add(leave)
    return { [Symbol.dispose]: () => void this.#readings.delete(leave) }
  }

  /** False when nobody reads. */
  leaveOne(random: Random, awayMs: number): boolean {
    if (this.#readings.size === 0) return false
    random.pick([...this.#readings])(awayMs)
    return true
  }
}
