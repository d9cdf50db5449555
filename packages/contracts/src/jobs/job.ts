import { z } from 'zod'
import { EmbeddingJob } from './embedding-job.ts'
import { GenerationJob } from './generation-job.ts'

/** Anything a worker can be asked to do. */
export const Job = z.discriminatedUnion('kind', [GenerationJob, EmbeddingJob])
export type Job = z.infer<typeof Job>
export type JobKind = Job['kind']
