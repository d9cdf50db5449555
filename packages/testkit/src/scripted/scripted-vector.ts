import { fingerprint, scramble } from './fingerprint.ts'

/** As long as those of the default embedding model. */
export const dimensions = 384

/** A vector of length 1 that depends on nothing but the input: float32, little-endian, base64. */
export function scriptedVector(input: string | readonly number[]): string {
  const seed = fingerprint(typeof input === 'string' ? input : input.join(','))
  const values = Array.from({ length: dimensions }, (_, index) => scramble(seed + index) / 2 ** 31 - 1)
  const length = Math.hypot(...values)
  const bytes = Buffer.alloc(dimensions * Float32Array.BYTES_PER_ELEMENT)
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value / length, index * 4)
  return bytes.toString('base64')
}
