import type { Context } from 'hono'
import { nanoid } from 'nanoid'
import type { ChatPlan } from '../chat/chat-plan.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { type AdmittedRequest, admitRequest } from '../jobs/admit-request.ts'
import { serveRequest } from '../jobs/serve-request.ts'
import { systemFingerprint } from '../models/system-fingerprint.ts'
import type { GenerationRecord } from './generation-record.ts'
import type { IdempotencyKey } from './idempotency-key.ts'
import { outliveReader } from './outlive-reader.ts'
import type { Reading } from './reading.ts'

export type GenerationPlan = Pick<ChatPlan, 'choices' | 'tokens' | 'serviceTier' | 'deterministic' | 'createJobs'> & {
  model: string
  includeUsage: boolean
}

/** A generation that ends with its client. Throws the Failure that refuses it. */
export async function startGeneration(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  plan: GenerationPlan,
): Promise<Reading> {
  const { record, jobs, admission } = await admitGeneration(deps, c, { plan, resumable: false })
  const alongside = () => deps.generations.save(record)
  const { frames, abort } = serveRequest(deps, c, { jobs, admission, alongside })
  return { record, frames, onClientGone: abort }
}

/**
 * A generation that its client may lose and find again. Undefined when another request with the same key was faster.
 * Throws the Failure that refuses it.
 */
export async function startResumableGeneration(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  { plan, key }: { plan: GenerationPlan; key: IdempotencyKey },
): Promise<Reading | undefined> {
  const { record, jobs, admission } = await admitGeneration(deps, c, { plan, resumable: true })
  try {
    if (await deps.generations.claim(key, record)) return await serveResumable(deps, c, { record, jobs, admission })
    await Promise.all([admission.settle(0), deps.admission.withdraw(jobs)])
    return undefined
  } catch (error) {
    await admission.settle(0)
    throw error
  }
}

type AdmittedGeneration = Pick<AdmittedRequest, 'admission' | 'jobs'> & { record: GenerationRecord }

async function admitGeneration(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  { plan, resumable }: { plan: GenerationPlan; resumable: boolean },
): Promise<AdmittedGeneration> {
  const id = `chatcmpl-${nanoid()}`
  const { choices, includeUsage, tokens, serviceTier } = plan
  const { model, admission, envelope, jobs } = await admitRequest(deps, c, {
    ...{ id, model: plan.model, kind: 'generation', tokens, serviceClass: serviceTier },
    createJobs: (jobEnvelope) => plan.createJobs(id, jobEnvelope),
    shareable: plan.deterministic && !resumable,
  })
  const { tenant, submittedAtMs: createdAtMs, deadlineAtMs } = envelope
  const served = { model: model.id, systemFingerprint: systemFingerprint(model), serviceTier }
  const state = { resumable, submitted: false, createdAtMs, deadlineAtMs }
  const shared = jobs.some(({ share }) => share) ? { jobs: jobs.map(({ job, share }) => ({ id: job.id, share })) } : {}
  const record = { id, tenant, choices, includeUsage, ...served, ...state, ...shared }
  return { record, jobs, admission }
}

async function serveResumable(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  { record, jobs, admission }: AdmittedGeneration,
): Promise<Reading> {
  const { generations, readers, logger } = deps
  const onMarkFailed = (error: unknown) => logger.warn({ err: error, id: record.id }, 'a generation was not marked')
  let abort: () => void = () => undefined
  const reader = await readers.join(record, () => abort())
  const running = serveRequest(deps, c, {
    ...{ jobs, admission, resumable: true, clientSignal: new AbortController().signal, onEnd: reader.end },
    onSubmitted: () => void generations.markSubmitted(record).catch(onMarkFailed),
  })
  abort = running.abort
  const { signal } = c.req.raw
  signal.addEventListener('abort', reader.leave, { once: true })
  if (signal.aborted) reader.leave()
  return { record, frames: outliveReader(running.frames), onClientGone: reader.leave }
}
