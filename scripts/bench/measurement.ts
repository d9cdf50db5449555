/** What one contestant did in one round. */
export type Measurement = {
  /** Generated tokens over wall time, all streams together. */
  tokensPerSecond: number
  /** Request sent → first token, the median over the streams. */
  firstTokenMs: number
}

export type Load = {
  /** Generations at once. */
  streams: number
  /** Tokens of each. */
  tokens: number
  /** Tells rounds apart, so that no contestant answers from a cache of the round before. */
  round: number
}

export type Contestant = AsyncDisposable & {
  readonly name: string
  run(load: Load): Promise<Measurement>
}

/** The question of one stream: the same for all contestants, another one for each round and stream. */
export function question({ round }: Load, stream: number): string {
  return `Round ${round}, reader ${stream}: tell me a long story about a mill on a river, with all details.`
}

/** Collects when tokens came, for all streams of one load. */
export function stopwatch() {
  const startedAtMs = performance.now()
  const firstTokensMs: number[] = []
  return {
    firstToken: () => void firstTokensMs.push(performance.now() - startedAtMs),
    result: (tokens: number): Measurement => ({
      tokensPerSecond: tokens / ((performance.now() - startedAtMs) / 1000),
      firstTokenMs: median(firstTokensMs),
    }),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
