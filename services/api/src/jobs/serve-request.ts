import { Failure } from '@millrace/contracts/failures'
import type { Job, JobKind, ServedModel } from '@millrace/contracts/jobs'
import type { Context } from 'hono'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import type { JobFrame } from './run-jobs.ts'
import { serveJobs } from './serve-jobs.ts'

export type RequestForModel = {
  /** Ours, unique; the ids of its jobs are made from it. */
  id: string
  model: string
  kind: JobKind
  /** Estimate of what it will use. */
  tokens: number
  createJobs: (envelope: JobEnvelope) => Job[]
}

/** What the jobs of one request have in common. */
export type JobEnvelope = Pick<Job, 'tenant' | 'requestId' | 'model' | 'submittedAtMs' | 'deadlineAtMs'>

/** The frames of a request that was let in. Must be iterated: what it holds is freed at the end of the iteration. */
export type RunningRequest = { model: ServedModel; frames: AsyncGenerator<JobFrame>; abort: () => void }

/**
 * From a parsed request to its running jobs: model, quota, jobs. Throws the Failure that refuses it. Limits are
 * checked after the model, so that a misspelt name uses nothing up.
 */
export async function serveRequest(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  request: RequestForModel,
): Promise<RunningRequest> {
  const { tenant, requestId, record } = c.var
  if (deps.inFlight.isClosing) throw closing()
  record.model = request.model
  const model = await deps.models.require(request.model, request.kind)
  const admission = await deps.quotas.admit({ tenant, holder: request.id, tokens: request.tokens })
  for (const [name, value] of admission.headers) c.header(name, value)
  if (admission.refusal !== undefined) throw admission.refusal
  const now = Date.now()
  const times = { submittedAtMs: now, deadlineAtMs: now + deps.requestTimeoutMs }
  const jobs = request.createJobs({ tenant, requestId, model: model.id, ...times })
  const { signal, abort, end } = deps.inFlight.begin(c.req.raw.signal)
  const onCancelFailed = (error: unknown) => deps.logger.warn({ err: error, requestId }, 'a job was not cancelled')
  const { dispatcher } = deps
  const frames = serveJobs({ jobs, dispatcher, signal, record, admission, onCancelFailed, onEnd: end })
  return { model, frames, abort }
}

function closing(): Failure {
  return new Failure('overloaded', 'The server is shutting down. Please try again.', { retryAfterSeconds: 1 })
}
