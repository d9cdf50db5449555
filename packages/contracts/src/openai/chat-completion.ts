import { z } from 'zod'
import { CompletionUsage } from './completion-usage.ts'
import { ServiceTier } from './service-tier.ts'

export const FinishReason = z.enum(['stop', 'length'])
export type FinishReason = z.infer<typeof FinishReason>

const ChatChoice = z.object({
  index: z.int().nonnegative(),
  message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
  logprobs: z.null(),
  finish_reason: FinishReason,
})

/** The whole answer of `POST /v1/chat/completions`. */
export const ChatCompletion = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  /** Seconds since the Unix epoch. */
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string(),
  service_tier: ServiceTier,
  choices: z.array(ChatChoice),
  usage: CompletionUsage,
})
export type ChatCompletion = z.infer<typeof ChatCompletion>
