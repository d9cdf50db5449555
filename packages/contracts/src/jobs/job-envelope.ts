import { z } from 'zod'

/** What every kind of job carries. All times are milliseconds since the Unix epoch. */
export const jobEnvelope = z.object({
  /** Ours, not BullMQ's, so that submitting twice is harmless. No `:` (BullMQ refuses it). */
  id: z.string().regex(/^[\w-]+$/),
  /** Who pays: the tenant behind the API key. */
  tenant: z.string(),
  /** The request that this job belongs to; ties its log lines together over processes. */
  requestId: z.string(),
  /** Id of the model card that must run it. */
  model: z.string(),
  submittedAtMs: z.int(),
  /** Past this moment the job is not started, and a running one is stopped. */
  deadlineAtMs: z.int(),
})
