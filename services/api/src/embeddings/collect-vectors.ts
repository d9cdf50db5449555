import { Failure } from '@millrace/contracts/failures'
import type { JobFrame } from '../jobs/read-jobs.ts'
import type { InputSlice } from './split-inputs.ts'

export type CollectedVectors = { vectors: string[]; promptTokens: number }

/** The vectors of all jobs in the order of the request's inputs, and how many tokens these had. */
export async function collectVectors(
  frames: AsyncIterable<JobFrame>,
  slices: readonly InputSlice[],
): Promise<CollectedVectors> {
  const vectors = new Map<number, string>()
  let promptTokens = 0
  for await (const { index, frame } of frames) {
    const offset = slices[index]?.offset ?? 0
    for (const event of frame.events) {
      if (event.type === 'embedding-computed') vectors.set(offset + event.index, event.vector)
      if (event.type === 'job-finished') promptTokens += event.usage.promptTokens
    }
  }
  const count = slices.reduce((sum, slice) => sum + slice.inputs.length, 0)
  return { vectors: Array.from({ length: count }, (_, index) => vectorAt(vectors, index)), promptTokens }
}

function vectorAt(vectors: ReadonlyMap<number, string>, index: number): string {
  const vector = vectors.get(index)
  if (vector === undefined) throw new Failure('engine_failure', 'The worker did not compute all embeddings.')
  return vector
}
