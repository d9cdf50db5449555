/** English text has about four characters per token. */
const charsPerToken = 4

/** What an input will cost, before the model's tokenizer has seen it. */
export function estimatedTokens(input: string | readonly number[]): number {
  return typeof input === 'string' ? Math.ceil(input.length / charsPerToken) : input.length
}
