import { Failure } from '@millrace/contracts/failures'
import type { Frame } from '@millrace/contracts/jobs'
import type { JobAddress, JobDispatcher } from './job-dispatcher.ts'
import { mergeIterables } from './merge-iterables.ts'

export type ReadJobsOptions = {
  jobs: readonly JobAddress[]
  dispatcher: JobDispatcher
  /** Ends the reading; its reason, if a Failure, is what the reading throws. */
  signal: AbortSignal
  /** When the jobs are late, as in `Job`. */
  deadlineAtMs: number
  /** For each job the seq after which to begin; the beginning when unset. */
  after?: readonly number[]
}

export type JobFrame = { index: number; frame: Frame }

/** The worker ends a late job itself; this much later nobody waits for it any more. Milliseconds. */
const deadlineGraceMs = 1000

/**
 * The frames of jobs that belong together as they come, each job's in order. Ends when all have finished. Throws the
 * Failure of the first that fails, of the deadline or of the signal.
 */
export async function* readJobs(options: ReadJobsOptions): AsyncGenerator<JobFrame> {
  const { jobs, dispatcher, after = [] } = options
  const stop = stopSignal(options)
  try {
    const sources = jobs.map((job, index) =>
      readJob({ index, frames: dispatcher.read(job, { after: after[index] ?? 0, signal: stop.signal }) }),
    )
    yield* mergeIterables(sources)
  } finally {
    stop.end()
  }
}

/** Throws after the frame that ended the job without success, so that what it still carried is not lost. */
async function* readJob({ index, frames }: { index: number; frames: AsyncIterable<Frame> }) {
  for await (const frame of frames) {
    yield { index, frame }
    const failure = failureOf(frame)
    if (failure !== undefined) throw failure
  }
}

function failureOf(frame: Frame): Failure | undefined {
  const last = frame.events.at(-1)
  if (last?.type === 'job-cancelled') return new Failure('cancelled', 'The request was cancelled.')
  if (last?.type !== 'job-failed') return undefined
  const { code, message, param } = last
  return new Failure(code, message, param === undefined ? {} : { param })
}

/** Aborts with a Failure: for the caller's reason, or when the jobs are late. */
function stopSignal({ signal, deadlineAtMs }: ReadJobsOptions) {
  const controller = new AbortController()
  const onAbort = () => controller.abort(asFailure(signal.reason))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const onDeadline = () => controller.abort(new Failure('deadline_exceeded', 'The request took too long.'))
  const timer = setTimeout(onDeadline, deadlineAtMs + deadlineGraceMs - Date.now())
  const end = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    controller.abort(new Failure('cancelled', 'The request has ended.'))
  }
  return { signal: controller.signal, end }
}

function asFailure(reason: unknown): Failure {
  if (reason instanceof Failure) return reason
  return new Failure('cancelled', 'The client closed the connection.', { cause: reason })
}
