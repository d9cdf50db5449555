/**
 * Lets text through up to the first stop string. Text that may be the beginning of one is held back, since a stop
 * string can span several tokens.
 */
export class StopFilter {
  readonly #stops: readonly string[]
  #held = ''
  #stopped = false

  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  /** Whether a stop string has appeared. Nothing comes out any more. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Takes new text, gives what is safe to show. */
  push(text: string): string {
    if (this.#stopped) return ''
    if (this.#stops.length === 0) return text
    const seen = this.#held + text
    const stopAt = firstOf(this.#stops.map((stop) => seen.indexOf(stop)))
    this.#stopped = stopAt !== undefined
    const safe = stopAt ?? seen.length - this.#possibleBeginning(seen)
    this.#held = this.#stopped ? '' : seen.slice(safe)
    return seen.slice(0, safe)
  }

  /** Gives what was held back, when the generation ends without a stop string. */
  end(): string {
    const held = this.#held
    this.#held = ''
    return held
  }

  /** Length of the longest end of `seen` that begins a stop string. */
  #possibleBeginning(seen: string): number {
    const longest = Math.max(...this.#stops.map((stop) => stop.length)) - 1
    for (let length = Math.min(longest, seen.length); length > 0; length--) {
      const end = seen.slice(-length)
      if (this.#stops.some((stop) => stop.startsWith(end))) return length
    }
    return 0
  }
}

function firstOf(positions: number[]): number | undefined {
  const found = positions.filter((position) => position !== -1)
  return found.length === 0 ? undefined : Math.min(...found)
}
