import { Failure } from '@millrace/contracts/failures'
import type { AdmittedJob } from '../admission/queue-admission.ts'
import type { JobDispatcher } from './job-dispatcher.ts'

/** Waits for all, so that whatever was submitted is known when one of them fails. Submitting again is harmless. */
export async function submitJobs(jobs: readonly AdmittedJob[], dispatcher: JobDispatcher): Promise<void> {
  const outcomes = await Promise.allSettled(jobs.map((job) => dispatcher.submit(job)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed === undefined) return
  if (failed.reason instanceof Failure) throw failed.reason
  throw new Failure('queue_unavailable', 'The job could not be queued. Please try again in a moment.', {
    retryAfterSeconds: 1,
    cause: failed.reason,
  })
}
