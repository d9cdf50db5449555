import { randomInt } from 'node:crypto'

/** llama.cpp takes 32 bits, and reads the largest value as "choose one yourself". */
const seedCount = 2 ** 32 - 1

/** A request's seed, of any sign and size, as the sampler's; random when there is none. */
export function samplerSeed(seed: number | null | undefined): number {
  if (seed === undefined || seed === null) return randomInt(seedCount)
  return ((seed % seedCount) + seedCount) % seedCount
}

/** Choices of one request differ although its seed is one; the first has that seed. */
export function choiceSeed(seed: number, choice: number): number {
  return (seed + choice) % seedCount
}
