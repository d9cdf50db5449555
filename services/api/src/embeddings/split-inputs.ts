import type { EmbeddingInput } from '@millrace/contracts/openai'

export type InputSlice = {
  /** Index of the first input in the request. */
  offset: number
  inputs: EmbeddingInput[]
}

export type SliceLimits = { inputs: number; chars: number }

/** A token counts as this many characters; only the proportion matters. */
const charsPerToken = 4

/**
 * Cuts a request's inputs into jobs of bounded size, in order, so that several workers share them and a job's frame
 * stays small. An input is never cut: one that is longer than the limit has a job for itself.
 */
export function splitInputs(inputs: readonly EmbeddingInput[], limits: SliceLimits): InputSlice[] {
  const slices: InputSlice[] = []
  let chars = 0
  for (const [offset, input] of inputs.entries()) {
    const size = typeof input === 'string' ? input.length : input.length * charsPerToken
    const last = slices.at(-1)
    chars += size
    if (last !== undefined && last.inputs.length < limits.inputs && chars <= limits.chars) {
      last.inputs.push(input)
    } else {
      slices.push({ offset, inputs: [input] })
      chars = size
    }
  }
  return slices
}
