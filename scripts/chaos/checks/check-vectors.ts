import type { Answer } from '../clients/answer.ts'
import type { EmbeddingRequest } from '../clients/request.ts'
import type { Load } from '../load/load.ts'

/** Rounding in a batch of another size moves a vector by less. */
const leastCosine = 0.9999

export function checkVectors(load: Load, { inputs }: EmbeddingRequest, { vectors, problems }: Answer): string[] {
  if (vectors.length !== inputs.length) return [...problems, `${vectors.length} vectors for ${inputs.length} inputs`]
  const wrong = inputs.filter((input, index) => !isSame(load, vectors[index] ?? [], load.vector(input)))
  return wrong.length === 0 ? problems : [...problems, `${wrong.length} of ${inputs.length} vectors are wrong`]
}

function isSame({ isExact }: Load, actual: readonly number[], expected: readonly number[]): boolean {
  if (actual.length !== expected.length) return false
  if (isExact) return actual.every((value, index) => value === expected[index])
  return actual.reduce((sum, value, index) => sum + value * (expected[index] ?? 0), 0) >= leastCosine
}
