import { z } from 'zod'
import { jobEnvelope } from './job-envelope.ts'

/** Texts, or token ids of the model's own vocabulary, to be turned into vectors. */
export const EmbeddingJob = jobEnvelope.extend({
  kind: z.literal('embedding'),
  inputs: z.array(z.union([z.string(), z.array(z.int().nonnegative())])).min(1),
})
export type EmbeddingJob = z.infer<typeof EmbeddingJob>
