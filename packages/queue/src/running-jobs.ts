import { Failure } from '@millrace/contracts/failures'
import type { Job } from '@millrace/contracts/jobs'
import type { Turn } from './backlog/backlog.ts'

/** Longest delay that a Node timer takes; a deadline further away than 24 days is not watched. */
const longestTimerMs = 2 ** 31 - 1

/** A job that a consumer runs at the moment. */
export type RunningJob = {
  readonly id: string
  /** Unset while it is not known, and for one that was never let in by the backlog. */
  turn?: Turn | undefined
  /** What it has cost so far; unset until this attempt has got any further than the ones before. */
  usedTokens?: number
  /** Aborts its signal. */
  stop(reason: Error): void
}

/** The jobs that a consumer runs at the moment, and the reasons to stop them. */
export class RunningJobs {
  readonly #running = new Map<string, RunningJob>()

  get ids(): string[] {
    return [...this.#running.keys()]
  }

  get all(): RunningJob[] {
    return [...this.#running.values()]
  }

  /** Runs a step under a signal that aborts at the job's deadline, or when the job is stopped. */
  async run<T>(job: Job, step: (signal: AbortSignal, running: RunningJob) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const running: RunningJob = { id: job.id, stop: (reason) => controller.abort(reason) }
    this.#running.set(job.id, running)
    const timer = abortAt(job.deadlineAtMs, controller)
    try {
      return await step(controller.signal, running)
    } finally {
      clearTimeout(timer)
      // A second delivery of the job, after this one lost its lock, may have taken its place.
      if (this.#running.get(job.id) === running) this.#running.delete(job.id)
    }
  }

  /** Does nothing when the job is not running here. */
  cancel(jobId: string): void {
    this.#running.get(jobId)?.stop(new Failure('cancelled', 'The request was cancelled.'))
  }
}

function abortAt(deadlineAtMs: number, controller: AbortController): NodeJS.Timeout | undefined {
  const abort = () => {
    controller.abort(new Failure('deadline_exceeded', 'The request took longer than the server allows.'))
  }
  const leftMs = deadlineAtMs - Date.now()
  if (leftMs <= 0) abort()
  else if (leftMs <= longestTimerMs) return setTimeout(abort, leftMs)
  return undefined
}
