import { Failure } from '@millrace/contracts/failures'
import { type Frame, isTerminal, type Job } from '@millrace/contracts/jobs'
import type { JobDispatcher } from './job-dispatcher.ts'
import { mergeIterables } from './merge-iterables.ts'

export type RunJobsOptions = {
  jobs: readonly Job[]
  dispatcher: JobDispatcher
  /** Ends the run; its reason, if a Failure, is what the run throws. */
  signal: AbortSignal
  /** Told when a job could not be taken back; it then runs until its deadline. */
  onCancelFailed: (error: unknown) => void
}

export type JobFrame = { index: number; frame: Frame }

/** The worker ends a late job itself; this much later nobody waits for it any more. Milliseconds. */
const deadlineGraceMs = 1000

/**
 * Submits jobs that belong together and gives their frames as they come, each job's in order. Ends when all have
 * finished. Throws the Failure of the first that fails, of the deadline or of the signal. However it ends, jobs that
 * are still under way are cancelled.
 */
export async function* runJobs({ jobs, dispatcher, signal, onCancelFailed }: RunJobsOptions): AsyncGenerator<JobFrame> {
  const unfinished = new Set(jobs)
  const stop = stopSignal(signal, jobs)
  try {
    await submitAll(jobs, dispatcher)
    const sources = jobs.map((job, index) => readJob({ job, index, dispatcher, signal: stop.signal }))
    for await (const item of mergeIterables(sources)) {
      if (item.frame.events.some(isTerminal)) unfinished.delete(item.job)
      yield item
    }
  } finally {
    stop.end()
    const cancelled = await Promise.allSettled([...unfinished].map((job) => dispatcher.cancel(job)))
    for (const outcome of cancelled) if (outcome.status === 'rejected') onCancelFailed(outcome.reason)
    for (const job of jobs) dispatcher.release(job)
  }
}

/** Waits for all, so that whatever was submitted is known when one of them fails. */
async function submitAll(jobs: readonly Job[], dispatcher: JobDispatcher): Promise<void> {
  const outcomes = await Promise.allSettled(jobs.map((job) => dispatcher.submit(job)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed === undefined) return
  if (failed.reason instanceof Failure) throw failed.reason
  throw new Failure('queue_unavailable', 'The job could not be queued. Please try again in a moment.', {
    retryAfterSeconds: 1,
    cause: failed.reason,
  })
}

type ReadJobOptions = { job: Job; index: number; dispatcher: JobDispatcher; signal: AbortSignal }

/** Throws after the frame that ended the job without success, so that what it still carried is not lost. */
async function* readJob({ job, index, dispatcher, signal }: ReadJobOptions) {
  for await (const frame of dispatcher.read(job, signal)) {
    yield { job, index, frame }
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
function stopSignal(signal: AbortSignal, jobs: readonly Job[]) {
  const controller = new AbortController()
  const onAbort = () => controller.abort(asFailure(signal.reason))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const deadlineAtMs = Math.max(...jobs.map((job) => job.deadlineAtMs))
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
