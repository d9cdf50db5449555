import { Failure } from '@millrace/contracts/failures'
import type { JobCancelled, JobFailed, TokenUsage } from '@millrace/contracts/jobs'

const engineFailed = 'The model failed while working on this request. Please try again.'

/** What the log of a job that stopped for `reason` ends with. Only a Failure's own words are public. */
export function endingOf(reason: unknown, usage: TokenUsage | undefined): JobFailed | JobCancelled {
  if (!(reason instanceof Failure)) return { type: 'job-failed', code: 'engine_failure', message: engineFailed }
  const { code, message, param } = reason
  if (code === 'cancelled') return { type: 'job-cancelled', ...(usage === undefined ? {} : { usage }) }
  return { type: 'job-failed', code, message, ...(param === undefined ? {} : { param }) }
}
