/** How long scripted answers are and how fast they come. */
export type Pace = { tokens: number; tokensPerSecond: number }

/** @throws Error for a variable that is set to something else than a whole number in its range. */
export function readPace(env: Record<string, string | undefined>): Pace {
  return {
    tokens: readNumber('SCRIPTED_TOKENS', env.SCRIPTED_TOKENS || '32', 1),
    tokensPerSecond: readNumber('SCRIPTED_TOKENS_PER_SECOND', env.SCRIPTED_TOKENS_PER_SECOND || '50', 0),
  }
}

function readNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new Error(`${name}: expected a whole number of at least ${least}, got ${JSON.stringify(text)}`)
}
