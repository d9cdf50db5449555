import { z } from 'zod'

/** Tokens of one request, counted by the model's own tokenizer. */
export const CompletionUsage = z.object({
  /** Of the prompt, once, however many choices were made of it. */
  prompt_tokens: z.int().nonnegative(),
  /** Of all choices together. */
  completion_tokens: z.int().nonnegative(),
  total_tokens: z.int().nonnegative(),
  prompt_tokens_details: z.object({ cached_tokens: z.int().nonnegative() }),
})
export type CompletionUsage = z.infer<typeof CompletionUsage>
