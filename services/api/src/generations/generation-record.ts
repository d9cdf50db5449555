import { ServiceTier } from '@millrace/contracts/openai'
import { z } from 'zod'
import type { ChatHeader } from '../chat/chat-chunks.ts'
import { choiceJobId } from '../chat/choice-job-id.ts'
import type { JobAddress } from '../jobs/job-dispatcher.ts'

/** What any replica must know to read, resume or cancel the answer to one chat request. */
export const GenerationRecord = z.object({
  /** The answer's id, and that of the job of its first choice. */
  id: z.string(),
  tenant: z.string(),
  /** Id of the model card. */
  model: z.string(),
  systemFingerprint: z.string(),
  serviceTier: ServiceTier,
  createdAtMs: z.int(),
  deadlineAtMs: z.int(),
  choices: z.int().positive(),
  /** As `stream_options.include_usage` asked. */
  includeUsage: z.boolean(),
  /** It goes on for a while when its client is lost. */
  resumable: z.boolean(),
  /** The queue is known to have had all its jobs. */
  submitted: z.boolean(),
  /** One a choice, when other requests share them; otherwise their ids are made from its own. */
  jobs: z
    .array(z.object({ id: z.string(), share: z.object({ key: z.string(), member: z.string() }).optional() }))
    .optional(),
})
export type GenerationRecord = z.infer<typeof GenerationRecord>

/** What its chunks begin with. */
export function headerOf(record: GenerationRecord): ChatHeader {
  const { id, createdAtMs, model, systemFingerprint: system_fingerprint, serviceTier: service_tier } = record
  return { id, created: Math.floor(createdAtMs / 1000), model, system_fingerprint, service_tier }
}

/** The job of its first choice. */
export function firstJobOf({ id, model, jobs }: GenerationRecord): JobAddress {
  return { id: jobs?.[0]?.id ?? id, model, kind: 'generation' }
}

/** Its jobs, one a choice. */
export function jobsOf({ id, model, choices, jobs }: GenerationRecord): JobAddress[] {
  const jobIds = Array.from({ length: choices }, (_, choice) => jobs?.[choice]?.id ?? choiceJobId(id, choice))
  return jobIds.map((jobId) => ({ id: jobId, model, kind: 'generation' }))
}
