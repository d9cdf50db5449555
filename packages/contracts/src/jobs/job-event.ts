import { z } from 'zod'
import { failureCodes } from '../failures/index.ts'
import { TokenUsage } from './token-usage.ts'

/** The worker has taken the job and knows the prompt's size. First event of every attempt. */
export const JobStarted = z.object({
  type: z.literal('job-started'),
  promptTokens: z.int().nonnegative(),
  cachedTokens: z.int().nonnegative(),
  /** How long the job waited between submission and this attempt, in milliseconds. */
  queuedMs: z.number().nonnegative(),
})

/**
 * Generated tokens and the text they made safe to show. `text` may be empty while a character is incomplete or a
 * stop string may be beginning; the ids are logged all the same, since a resumed generation continues after them.
 */
export const TextDelta = z.object({
  type: z.literal('text-delta'),
  text: z.string(),
  tokens: z.array(z.int().nonnegative()),
})

/** One input's vector: L2-normalised float32, little-endian, base64. `index` counts within the job. */
export const EmbeddingComputed = z.object({
  type: z.literal('embedding-computed'),
  index: z.int().nonnegative(),
  vector: z.string(),
})

/** Terminal: the job reached its end. `stop` covers the end-of-text token and stop strings; embeddings say `stop`. */
export const JobFinished = z.object({
  type: z.literal('job-finished'),
  reason: z.enum(['stop', 'length']),
  usage: TokenUsage,
})

/** Terminal: it cannot be done. `message` is public. */
export const JobFailed = z.object({
  type: z.literal('job-failed'),
  code: z.enum(failureCodes),
  message: z.string(),
  param: z.string().optional(),
})

/** Terminal: nobody waits for it any more. */
export const JobCancelled = z.object({ type: z.literal('job-cancelled'), usage: TokenUsage.optional() })

/** What happens in the life of a job, in order; exactly one terminal event, and it is the last. */
export const JobEvent = z.discriminatedUnion('type', [
  JobStarted,
  TextDelta,
  EmbeddingComputed,
  JobFinished,
  JobFailed,
  JobCancelled,
])
export type JobStarted = z.infer<typeof JobStarted>
export type TextDelta = z.infer<typeof TextDelta>
export type EmbeddingComputed = z.infer<typeof EmbeddingComputed>
export type JobFinished = z.infer<typeof JobFinished>
export type JobFailed = z.infer<typeof JobFailed>
export type JobCancelled = z.infer<typeof JobCancelled>
export type JobEvent = z.infer<typeof JobEvent>
export type TerminalEvent = JobFinished | JobFailed | JobCancelled

export function isTerminal(event: JobEvent): event is TerminalEvent {
  return event.type === 'job-finished' || event.type === 'job-failed' || event.type === 'job-cancelled'
}
