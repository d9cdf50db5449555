import type { Job, JobKind, ServedModel } from '@millrace/contracts/jobs'
import type { Context } from 'hono'
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
}

/** What the jobs of one request have in common. */
export type JobEnvelope = Pick<Job, 'tenant' | 'requestId' | 'model' | 'submittedAtMs' | 'deadlineAtMs'>

/** The admission must be settled in any case. */
export type AdmittedRequest = { model: ServedModel; admission: Admission; envelope: JobEnvelope }

/**
 * Finds the model of a parsed request and reserves what it needs. Throws the Failure that refuses it. Limits are
 * checked after the model, so that a misspelt name uses nothing up.
 */
export async function admitRequest(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  request: RequestForModel,
): Promise<AdmittedRequest> {
  const { tenant, requestId, record } = c.var
  refuseWhenClosing(deps.inFlight)
  record.model = request.model
  const model = await deps.models.require(request.model, request.kind)
  const admission = await deps.quotas.admit({ tenant, holder: request.id, tokens: request.tokens })
  for (const [name, value] of admission.headers) c.header(name, value)
  if (admission.refusal !== undefined) throw admission.refusal
  const now = Date.now()
  const times = { submittedAtMs: now, deadlineAtMs: now + deps.requestTimeoutMs }
  return { model, admission, envelope: { tenant, requestId, model: model.id, ...times } }
}
