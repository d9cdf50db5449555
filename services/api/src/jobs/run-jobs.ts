import { Failure } from '@millrace/contracts/failures'
import { isTerminal } from '@millrace/contracts/jobs'
import type { AdmittedJob } from '../admission/queue-admission.ts'
import type { JobDispatcher } from './job-dispatcher.ts'
import { type JobFrame, readJobs } from './read-jobs.ts'
import { submitJobs } from './submit-jobs.ts'

export type RunJobsOptions = {
  jobs: readonly AdmittedJob[]
  dispatcher: JobDispatcher
  /** Ends the run; its reason, if a Failure, is what the run throws. */
  signal: AbortSignal
  /** Told when a job could not be taken back; it then runs until its deadline. */
  onCancelFailed: (error: unknown) => void
  /** Done while the jobs are submitted; no frame comes before, and when it fails the run fails. */
  alongside?: () => Promise<unknown>
  /** Told when the queue has all jobs. */
  onSubmitted?: () => void
  /** The client may come back for the jobs: what this process cannot finish it leaves to another one. */
  resumable?: boolean
}

/**
 * Submits jobs that belong together and gives their frames as they come, each job's in order. Ends when all have
 * finished. Throws the Failure of the first that fails, of the deadline or of the signal. However it ends, jobs that
 * are still under way are cancelled, unless they are resumable and the fault is this process's own: it could not
 * submit them all, or it shuts down.
 */
export async function* runJobs(options: RunJobsOptions): AsyncGenerator<JobFrame> {
  const { dispatcher, signal, onCancelFailed, onSubmitted, resumable = false } = options
  const jobs = options.jobs.map(({ job }) => job)
  const unfinished = new Set(jobs.keys())
  let isSubmitted = false
  try {
    await allDone([submitJobs(options.jobs, dispatcher), options.alongside?.()])
    isSubmitted = true
    onSubmitted?.()
    const deadlineAtMs = Math.max(...jobs.map((job) => job.deadlineAtMs))
    for await (const item of readJobs({ jobs, dispatcher, signal, deadlineAtMs })) {
      if (item.frame.events.some(isTerminal)) unfinished.delete(item.index)
      yield item
    }
  } finally {
    const isLeftToOthers = resumable && (!isSubmitted || signal.reason instanceof Failure)
    const leave = async (each: AdmittedJob, index: number) => {
      if (!unfinished.has(index)) await dispatcher.finish(each)
      else if (!isLeftToOthers) await dispatcher.abandon(each)
    }
    const left = await Promise.allSettled(options.jobs.map(leave))
    for (const outcome of left) if (outcome.status === 'rejected') onCancelFailed(outcome.reason)
    for (const job of jobs) dispatcher.release(job)
  }
}

/** Like Promise.all, but nothing is under way any more when it rejects. */
async function allDone(steps: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(steps)).find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
