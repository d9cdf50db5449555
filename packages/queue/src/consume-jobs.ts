import { type ConsumeJobsOptions, JobConsumer } from './job-consumer.ts'

/**
 * Starts taking jobs. Each is handed to one consumer; to another one only if the first died, lost its lock (10 s
 * without a sign of life) or threw, so a handler fences what it writes.
 */
export function consumeJobs(options: ConsumeJobsOptions): JobConsumer {
  return new JobConsumer(options)
}
