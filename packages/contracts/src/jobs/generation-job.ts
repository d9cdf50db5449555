import { z } from 'zod'
import { jobEnvelope } from './job-envelope.ts'

/** One message of a chat, its text parts already joined. `developer` messages arrive as `system`. */
export const ChatTurn = z.object({
  role: z.enum(['system', 'user', 'assistant']),
  text: z.string(),
})
export type ChatTurn = z.infer<typeof ChatTurn>

/** How the next token is chosen. Defaults are filled in by the API (OpenAI's, not the engine's). */
export const Sampling = z.object({
  /** 0 is greedy, otherwise logits are divided by it; 0 to 2. */
  temperature: z.number().min(0).max(2),
  /** Nucleus: the smallest set of tokens whose probabilities sum to this; 0 to 1. */
  topP: z.number().min(0).max(1),
  /** Subtracted once from the logit of each token already generated; -2 to 2. */
  presencePenalty: z.number().min(-2).max(2),
  /** Subtracted from a token's logit once per earlier occurrence; -2 to 2. */
  frequencyPenalty: z.number().min(-2).max(2),
  /** Seed of the sampler. Always set, so that a retry of the job draws from the same source. */
  seed: z.int().nonnegative(),
})
export type Sampling = z.infer<typeof Sampling>

/** A prompt to be continued. One choice of one request: `n: 3` is three generations. */
export const GenerationJob = jobEnvelope.extend({
  kind: z.literal('generation'),
  /** Rendered by the worker with the model's own chat template. */
  messages: z.array(ChatTurn),
  sampling: Sampling,
  /** Strings that end the generation and are not part of it; at most 4. */
  stop: z.array(z.string().min(1)).max(4),
  /** Most tokens to generate; the worker also stops at the end of the context window. */
  maxTokens: z.int().positive(),
  /** The text must be one of this grammar (GBNF), which the API has checked. Absent: any text. */
  grammar: z.string().min(1).optional(),
})
export type GenerationJob = z.infer<typeof GenerationJob>
