import { Failure } from '@millrace/contracts/failures'
import { LogMissingError } from '@millrace/delta-log'
import type { Context } from 'hono'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { submitJobs } from '../jobs/submit-jobs.ts'
import { attachGeneration } from './attach-generation.ts'
import { generationNotFound } from './generation-not-found.ts'
import type { GenerationRecord } from './generation-record.ts'
import { type GenerationState, readState } from './generation-state.ts'
import type { IdempotencyKey } from './idempotency-key.ts'
import type { Reading } from './reading.ts'
import { type GenerationPlan, startResumableGeneration } from './start-generation.ts'

export type OpenGenerationOptions = {
  plan: GenerationPlan
  key: IdempotencyKey
  /** What the client has already, of a stream that it lost. */
  lastEventId: string | undefined
}

/** How often a request may find that another one with its key was faster. */
const turns = 5

/** The generation that the key stands for, or a new one that it stands for from now on. */
export async function openGeneration(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  options: OpenGenerationOptions,
): Promise<Reading> {
  for (let turn = 0; turn < turns; turn++) {
    const attached = await attachByKey(deps, c, options)
    if (attached !== undefined) return attached
    // A new generation would not go on where the lost one was.
    if (options.lastEventId !== undefined) throw generationNotFound()
    const started = await startResumableGeneration(deps, c, options)
    if (started !== undefined) return started
  }
  throw new Failure('overloaded', 'Too many requests with this Idempotency-Key at once.', { retryAfterSeconds: 1 })
}

async function attachByKey(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  { key, plan, lastEventId }: OpenGenerationOptions,
): Promise<Reading | undefined> {
  const claim = await deps.generations.findClaim(key)
  if (claim === undefined) return undefined
  if (claim.bodyHash !== key.bodyHash) throw conflict()
  const record = await deps.generations.find(claim.generationId)
  if (record === undefined || !(await isWorthReading(deps, record, lastEventId))) {
    await deps.generations.release(key, claim)
    return undefined
  }
  const prepare = record.submitted ? undefined : () => resubmit(deps, c, { record, plan })
  return await attachGeneration(deps, c, { record, lastEventId, prepare })
}

/** Whoever repeats a request that failed wants another attempt; whoever resumes a stream wants to know how it ended. */
async function isWorthReading(
  { dispatcher }: ApiDependencies,
  record: GenerationRecord,
  lastEventId: string | undefined,
): Promise<boolean> {
  const state = await stateOf(dispatcher, record)
  const isLate = Date.now() > record.deadlineAtMs
  if (state === undefined) return !record.submitted && !isLate
  if (lastEventId !== undefined || state.status === 'completed') return true
  return !isLate && (state.status === 'queued' || state.status === 'running')
}

async function stateOf(
  dispatcher: ApiDependencies['dispatcher'],
  record: GenerationRecord,
): Promise<GenerationState | undefined> {
  try {
    return await readState(dispatcher, record)
  } catch (error) {
    if (error instanceof LogMissingError) return undefined
    throw error
  }
}

/** Whoever claimed the key is about to submit, or failed to. Jobs that are in the queue already stay as they are. */
async function resubmit(
  { dispatcher, generations, admission }: ApiDependencies,
  c: Context<ApiEnv>,
  { record, plan }: { record: GenerationRecord; plan: GenerationPlan },
): Promise<void> {
  const { id, tenant, model, createdAtMs, deadlineAtMs } = record
  const envelope = { tenant, model, deadlineAtMs, submittedAtMs: createdAtMs, requestId: c.var.requestId }
  const { jobs } = await admission.admit(plan.createJobs(id, envelope), record.serviceTier)
  await submitJobs(jobs, dispatcher)
  await generations.markSubmitted(record)
}

function conflict(): Failure {
  const param = 'Idempotency-Key'
  return new Failure('idempotency_conflict', 'This Idempotency-Key was used for a request with another body.', {
    param,
  })
}
