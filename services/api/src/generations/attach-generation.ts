import { toFailure } from '@millrace/contracts/failures'
import { LogMissingError } from '@millrace/delta-log'
import type { Context } from 'hono'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { refuseWhenClosing } from '../http/refuse-when-closing.ts'
import { type JobFrame, type ReadJobsOptions, readJobs } from '../jobs/read-jobs.ts'
import type { RequestRecord } from '../telemetry/request-record.ts'
import { admitReading } from './admit-reading.ts'
import { cancelGeneration } from './cancel-generation.ts'
import { generationNotFound } from './generation-not-found.ts'
import { type GenerationRecord, jobsOf } from './generation-record.ts'
import { type GenerationState, readState } from './generation-state.ts'
import { parseLastEventId } from './last-event-id.ts'
import type { Reader } from './reader-leases.ts'
import type { Reading } from './reading.ts'

export type AttachOptions = {
  record: GenerationRecord
  /** As the client sent it. */
  lastEventId: string | undefined
  /** Done before the logs are read. */
  prepare?: (() => Promise<void>) | undefined
}

/** Reads a generation that another request started. Throws the Failure that refuses it. */
export async function attachGeneration(
  deps: ApiDependencies,
  c: Context<ApiEnv>,
  { record, lastEventId, prepare }: AttachOptions,
): Promise<Reading> {
  refuseWhenClosing(deps.inFlight)
  c.var.record.model = record.model
  await admitReading(deps, c)
  await prepare?.()
  const reader = record.resumable ? await joinReaders(deps, record) : undefined
  try {
    const state = await readState(deps.dispatcher, record)
    const after = parseLastEventId(lastEventId, record, state)
    const { signal, abort, end } = deps.inFlight.begin(c.req.raw.signal)
    const read = {
      ...{ jobs: jobsOf(record), dispatcher: deps.dispatcher, signal },
      deadlineAtMs: isOver(state) ? Date.now() + deps.requestTimeoutMs : record.deadlineAtMs,
      // The last frame again: it says how a choice ended whose chunks the client has all.
      after: after.map((seq) => Math.max(seq - 1, 0)),
    }
    const frames = readFrames({ read, reader, requestRecord: c.var.record, onEnd: end })
    return { record, after, frames, onClientGone: abort }
  } catch (error) {
    reader?.leave()
    throw asNotFound(error)
  }
}

async function joinReaders({ readers, dispatcher, logger }: ApiDependencies, record: GenerationRecord) {
  const onFailed = (error: unknown) => {
    if (!(error instanceof LogMissingError))
      logger.warn({ err: error, id: record.id }, 'a generation was not cancelled')
  }
  return await readers.join(record, () => void cancelGeneration(dispatcher, record).catch(onFailed))
}

type ReadFramesOptions = {
  read: ReadJobsOptions
  reader: Reader | undefined
  requestRecord: RequestRecord
  onEnd: () => void
}

async function* readFrames({ read, reader, requestRecord, onEnd }: ReadFramesOptions): AsyncGenerator<JobFrame> {
  // What it stays when the consumer leaves early.
  let outcome = 'cancelled'
  try {
    yield* readJobs(read)
    outcome = 'completed'
  } catch (error) {
    const failure = toFailure(asNotFound(error))
    outcome = failure.code
    throw failure
  } finally {
    if (outcome === 'completed') reader?.end()
    else reader?.leave()
    requestRecord.finish(outcome)
    onEnd()
  }
}

function isOver({ status }: GenerationState): boolean {
  return status !== 'queued' && status !== 'running'
}

function asNotFound(error: unknown): unknown {
  return error instanceof LogMissingError ? generationNotFound() : error
}
