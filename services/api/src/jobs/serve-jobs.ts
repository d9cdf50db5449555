import { toFailure } from '@millrace/contracts/failures'
import type { Admission } from '../quota/quotas.ts'
import type { RequestRecord } from '../telemetry/request-record.ts'
import type { JobFrame } from './read-jobs.ts'
import { type RunJobsOptions, runJobs } from './run-jobs.ts'

export type ServeJobsOptions = RunJobsOptions & {
  record: RequestRecord
  admission: Pick<Admission, 'settle'>
  /** Called at the very end. */
  onEnd: () => void
}

/** Runs a request's jobs, and accounts for them at the end, whatever that is: tokens, quota, audit line. */
export async function* serveJobs({ record, admission, onEnd, ...run }: ServeJobsOptions): AsyncGenerator<JobFrame> {
  // What it stays when the consumer leaves early.
  let outcome = 'cancelled'
  try {
    for await (const item of runJobs(run)) {
      record.see(item.frame)
      yield item
    }
    outcome = 'completed'
  } catch (error) {
    outcome = toFailure(error).code
    throw error
  } finally {
    const { prompt, completion } = record.tokens()
    record.finish(outcome)
    await admission.settle(prompt + completion)
    onEnd()
  }
}
