import { z } from 'zod'
import { FinishReason } from './chat-completion.ts'
import { CompletionUsage } from './completion-usage.ts'
import { ServiceTier } from './service-tier.ts'

const ChunkChoice = z.object({
  index: z.int().nonnegative(),
  delta: z.object({ role: z.literal('assistant').optional(), content: z.string().optional() }),
  logprobs: z.null(),
  finish_reason: FinishReason.nullable(),
})

/** One event of a streamed chat completion. */
export const ChatCompletionChunk = z.object({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  /** Seconds since the Unix epoch; the same on all chunks of a stream. */
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string(),
  service_tier: ServiceTier,
  /** Empty on the chunk that carries the usage. */
  choices: z.array(ChunkChoice).max(1),
  /** Only with `stream_options.include_usage`: null on all chunks but the last. */
  usage: CompletionUsage.nullable().optional(),
})
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>
