import type { Job, JobKind, ServedModel, ServiceClass } from '@millrace/contracts/jobs'
import type { Context } from 'hono'
import type { AdmittedJob, CostedJob } from '../admission/queue-admission.ts'
import { requestTimeoutMs, timeoutHeader } from '../admission/request-deadline.ts'
import { waitHeaders } from '../admission/wait-estimate.ts'
import type { SharedJobs } from '../coalescing/shared-jobs.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { refuseWhenClosing } from '../http/refuse-when-closing.ts'
import type { Admission } from '../quota/quotas.ts'

export type RequestForModel = {
  /** Ours, unique; the ids of its jobs are made from it. */
  id: string
  model: string
  kind: JobKind
  /** Estimate of what it will use. */
  tokens: number
  serviceClass: ServiceClass
  createJobs: (envelope: JobEnvelope) => readonly CostedJob[]
  /** Another request for the same would get the same answer, and may share these jobs. */
  shareable?: boolean
}

/** What the jobs of one request have in common. */
export type JobEnvelope = Pick<Job, 'tenant' | 'requestId' | 'model' | 'submittedAtMs' | 'deadlineAtMs'>

/** The admission must be settled in any case, and jobs that are not submitted withdrawn. */
export type AdmittedRequest = {
  model: ServedModel
  admission: Admission
  envelope: JobEnvelope
  jobs: readonly AdmittedJob[]
}

/**
 * Finds the model of a parsed request, reserves what it needs and lets its jobs in. Throws the Failure that refuses
 * it. Limits are checked after the model, so that a misspelt name uses nothing up; room in the queue comes last.
 */
export async function admitRequest(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  request: RequestForModel,
): Promise<AdmittedRequest> {
  const { tenant, requestId, record } = c.var
  refuseWhenClosing(deps.inFlight)
  record.model = request.model
  const timeoutMs = requestTimeoutMs(c.req.header(timeoutHeader), deps.requestTimeoutMs)
  const model = await deps.models.require(request.model, request.kind)
  const admission = await deps.quotas.admit({ tenant, holder: request.id, tokens: request.tokens })
  for (const [name, value] of admission.headers) c.header(name, value)
  if (admission.refusal !== undefined) throw admission.refusal
  const now = Date.now()
  const envelope = { tenant, requestId, model: model.id, submittedAtMs: now, deadlineAtMs: now + timeoutMs }
  let asked = request.createJobs(envelope)
  try {
    if (request.shareable && deps.coalesce) asked = await shareAll(deps.sharedJobs, asked)
    const { jobs, wait } = await deps.admission.admit(asked, request.serviceClass)
    for (const [name, value] of waitHeaders(wait)) c.header(name, value)
    return { model, admission, envelope, jobs }
  } catch (error) {
    await admission.settle(0)
    for (const { job, share } of asked) if (share !== undefined) await deps.sharedJobs.abandon(job.id, share)
    throw error
  }
}

async function shareAll(sharedJobs: SharedJobs, jobs: readonly CostedJob[]): Promise<CostedJob[]> {
  return await Promise.all(jobs.map(async (each) => ({ ...each, ...(await sharedJobs.join(each.job)) })))
}
