import { parseArgs } from 'node:util'

export type ChaosOptions = {
  seed: number
  /** Faults over all rounds. */
  faults: number
  /** Faults of one round; after each everything is checked. */
  roundFaults: number
  /** Requests at the same time. */
  streams: number
  /** Between two faults, on average; milliseconds. */
  pauseMs: number
  supervisors: number
  /** The real model instead of the scripted engine. */
  real: boolean
}

const largestSeed = 2 ** 32 - 1

/** @throws Error for an option that is not known, or not a number in its range. */
export function readChaosOptions(args: string[]): ChaosOptions & { json: boolean } {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = { seed: text, faults: text, round: text, streams: text, pause: text, supervisors: text }
  const { values } = parseArgs({ args, options: { ...options, real: flag, json: flag } })
  const { real, json } = values
  const number = (name: keyof typeof options, unset: number) => readNumber(name, values[name], unset)
  return {
    seed: number('seed', Math.floor(Math.random() * largestSeed)),
    faults: number('faults', real ? 50 : 1000),
    roundFaults: number('round', real ? 10 : 100),
    streams: number('streams', real ? 20 : 24),
    pauseMs: number('pause', real ? 3000 : 300),
    supervisors: number('supervisors', real ? 1 : 2),
    ...{ real, json },
  }
}

function readNumber(name: string, text: string | undefined, unset: number): number {
  const value = text === undefined ? unset : Number(text)
  if (Number.isSafeInteger(value) && value >= 0 && value <= largestSeed) return value
  throw new Error(`--${name}: expected a whole number, got ${JSON.stringify(text)}`)
}

/** The command that does the same again. */
export function commandFor({ seed, faults, roundFaults, streams, pauseMs, supervisors, real }: ChaosOptions): string {
  const numbers = { seed, faults, round: roundFaults, streams, pause: pauseMs, supervisors }
  const words = Object.entries(numbers).map(([name, value]) => `--${name} ${value}`)
  return ['npm run chaos --', ...words, ...(real ? ['--real'] : [])].join(' ')
}
