/** Work of this long ago counts e times less. Milliseconds of being busy, not of the clock. */
const memoryMs = 30_000

type Line = { running: number; tokens: number; busyMs: number; sinceMs: number; perSecond: number | undefined }

/**
 * How many tokens, of prompts and completions, this worker gets done in a second while it works for a model: with one
 * generation less than with all slots taken, so it is an honest guess at most when somebody waits.
 */
export class Throughput {
  readonly #lines = new Map<string, Line>()
  readonly #now: () => number

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  begin(model: string): void {
    this.#line(model).running++
  }

  count(model: string, tokens: number): void {
    this.#line(model).tokens += tokens
  }

  end(model: string): void {
    this.#line(model).running--
  }

  /** Tokens per second of each model that has been worked for; call it about once a second. */
  measure(): Record<string, number> {
    for (const model of this.#lines.keys()) update(this.#line(model))
    return Object.fromEntries(
      [...this.#lines].flatMap(([model, { perSecond }]) => (perSecond ? [[model, perSecond]] : [])),
    )
  }

  /** The line with its time accounted for until now. */
  #line(model: string): Line {
    const now = this.#now()
    const line = this.#lines.get(model) ?? { running: 0, tokens: 0, busyMs: 0, sinceMs: now, perSecond: undefined }
    if (line.running > 0) line.busyMs += now - line.sinceMs
    line.sinceMs = now
    this.#lines.set(model, line)
    return line
  }
}

/** An exponentially weighted mean over the time that was worked. */
function update(line: Line): void {
  if (line.busyMs <= 0) return
  const sample = (line.tokens / line.busyMs) * 1000
  const weight = 1 - Math.exp(-line.busyMs / memoryMs)
  line.perSecond = line.perSecond === undefined ? sample : line.perSecond + weight * (sample - line.perSecond)
  line.tokens = 0
  line.busyMs = 0
}
