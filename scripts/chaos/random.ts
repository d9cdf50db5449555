/** Numbers that depend on nothing but the seed (mulberry32): the same run can be had again, but for its timing. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, both ends included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** @throws RangeError when there is nothing to pick from. */
  pick<T>(items: readonly T[]): T {
    const [picked] = items.slice(Math.floor(this.next() * items.length))
    if (picked === undefined) throw new RangeError('there is nothing to pick from')
    return picked
  }

  /** Picks an item as often as its weight says. */
  weighted<T extends { weight: number }>(items: readonly T[]): T {
    let left = this.next() * items.reduce((sum, { weight }) => sum + weight, 0)
    const found = items.find(({ weight }) => {
      left -= weight
      return left < 0
    })
    return found ?? this.pick(items)
  }

  /** Another source of numbers, so that who draws from it does not disturb the others. */
  fork(): Random {
    return new Random(this.integer(0, 2 ** 32 - 1))
  }
}
