import { z } from 'zod'
import { JobEvent } from './job-event.ts'

/** One entry of a job's delta log. */
export const Frame = z.object({
  jobId: z.string(),
  /** 1 for the first frame of the log, then without a gap, over all attempts. */
  seq: z.int().positive(),
  /** Which attempt at the job wrote it; never decreases along the log. */
  epoch: z.int().positive(),
  events: z.array(JobEvent).min(1),
})
export type Frame = z.infer<typeof Frame>
