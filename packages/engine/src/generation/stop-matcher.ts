/** Finds stop strings in text that comes in pieces. What could be the beginning of one is held back. */
export class StopMatcher {
  readonly #stops: readonly string[]
  #held = ''
  #matched = false

  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  /** Whether a stop string has been found; nothing comes out any more. */
  get matched(): boolean {
    return this.#matched
  }

  /** Takes the next piece and returns the text that is safe to show; it ends before the first stop string. */
  push(piece: string): string {
    if (this.#matched) return ''
    const text = this.#held + piece
    const end = firstStop(text, this.#stops)
    this.#matched = end !== -1
    const shown = this.#matched ? text.slice(0, end) : text.slice(0, text.length - longestBeginning(text, this.#stops))
    this.#held = this.#matched ? '' : text.slice(shown.length)
    return shown
  }

  /** The text ended otherwise: what was held back was no stop string. */
  flush(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}

function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index !== -1)
  return found.length > 0 ? Math.min(...found) : -1
}

/** Length of the longest end of `text` that is the beginning of a stop string. */
function longestBeginning(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1))
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length)
    if (stops.some((stop) => stop.startsWith(end))) return length
  }
  return 0
}
