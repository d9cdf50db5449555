import type { Context } from 'hono'
import type { AdmittedJob } from '../admission/queue-admission.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import type { Admission } from '../quota/quotas.ts'
import type { JobFrame } from './read-jobs.ts'
import type { RunJobsOptions } from './run-jobs.ts'
import { serveJobs } from './serve-jobs.ts'

export type ServeRequestOptions = Pick<RunJobsOptions, 'alongside' | 'onSubmitted' | 'resumable'> & {
  jobs: readonly AdmittedJob[]
  admission: Admission
  /** Ends the jobs when it aborts; the client's own signal when unset. */
  clientSignal?: AbortSignal
  /** Called at the very end. */
  onEnd?: () => void
}

/** The frames of a request that was let in. Must be iterated: what it holds is freed at the end of the iteration. */
export type RunningRequest = { frames: AsyncGenerator<JobFrame>; abort: () => void }

/** Runs the jobs of an admitted request. */
export function serveRequest(
  { inFlight, logger, dispatcher }: ApiDependencies,
  c: Context<ApiEnv>,
  { jobs, admission, clientSignal = c.req.raw.signal, onEnd, ...run }: ServeRequestOptions,
): RunningRequest {
  const { requestId, record } = c.var
  const { signal, abort, end } = inFlight.begin(clientSignal)
  const onCancelFailed = (error: unknown) => logger.warn({ err: error, requestId }, 'a job was not cancelled')
  const onRequestEnd = () => {
    end()
    onEnd?.()
  }
  const frames = serveJobs({ ...run, jobs, dispatcher, signal, record, admission, onCancelFailed, onEnd: onRequestEnd })
  return { frames, abort }
}
