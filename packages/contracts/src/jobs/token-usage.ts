import { z } from 'zod'

/** Tokens of one job, counted by the model's own tokenizer. */
export const TokenUsage = z.object({
  /** Tokens of the rendered prompt, chat template included. */
  promptTokens: z.int().nonnegative(),
  /** Of those, tokens whose state was still in the slot and was not computed again. */
  cachedTokens: z.int().nonnegative(),
  /** Tokens generated, without the one that ends the generation. 0 for embeddings. */
  completionTokens: z.int().nonnegative(),
})
export type TokenUsage = z.infer<typeof TokenUsage>
