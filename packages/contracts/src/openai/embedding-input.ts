import { z } from 'zod'

/** Inputs of one request; OpenAI's own limit. */
export const embeddingInputsLimit = 2048

/** A text, or a text as token ids of the model's own vocabulary. */
export type EmbeddingInput = string | number[]

/** The four forms, for the API's description: the schema below cannot say them. */
const forms = {
  description: `A text, or tokens; or up to ${embeddingInputsLimit} of them.`,
  oneOf: [
    { type: 'string' },
    { type: 'array', items: { type: 'string' } },
    { type: 'array', items: { type: 'integer' } },
    { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
  ],
}

type Problem = { path: number[]; message: string }

/**
 * `input` in its four forms, brought to one: a list of inputs. Checked by hand rather than by a union of arrays: a
 * body may hold millions of token ids, and a union would build an issue for each of them on its way.
 */
export const EmbeddingInputs = z
  .unknown()
  .meta(forms)
  .transform((input, context): EmbeddingInput[] => {
    const inputs: unknown[] = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input]
    const problem = sizeProblem(inputs) ?? firstProblem(input, inputs)
    if (problem === undefined) return inputs.filter(isInput)
    context.addIssue({ code: 'custom', ...problem })
    return z.NEVER
  })

function sizeProblem(inputs: readonly unknown[]): Problem | undefined {
  if (inputs.length === 0) return { path: [], message: 'it must not be an empty array' }
  if (inputs.length <= embeddingInputsLimit) return undefined
  return { path: [], message: `at most ${embeddingInputsLimit} inputs are allowed, but it has ${inputs.length}` }
}

function firstProblem(input: unknown, inputs: readonly unknown[]): Problem | undefined {
  const isSingle = inputs[0] === input
  for (const [index, item] of inputs.entries()) {
    const message = inputProblem(item) ?? (typeof item === typeof inputs[0] ? undefined : 'texts and tokens are mixed')
    if (message !== undefined) return { path: isSingle ? [] : [index], message }
  }
  return undefined
}

function inputProblem(item: unknown): string | undefined {
  if (item === undefined) return 'it is required'
  if (item === '') return 'it must not be an empty string'
  if (typeof item === 'string') return undefined
  if (!Array.isArray(item)) return 'expected a string, or an array of strings, of tokens or of token arrays'
  if (item.length === 0) return 'it must not be an empty array'
  return item.every(isToken) ? undefined : 'expected token ids: integers from 0 to 2147483647'
}

function isInput(item: unknown): item is EmbeddingInput {
  return inputProblem(item) === undefined
}

function isToken(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31
}
