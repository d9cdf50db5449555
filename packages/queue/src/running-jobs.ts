import { Failure } from '@millrace/contracts/failures'
import type { Job } from '@millrace/contracts/jobs'

/** Longest delay that a Node timer takes; a deadline further away than 24 days is not watched. */
const longestTimerMs = 2 ** 31 - 1

/** The jobs that a consumer runs at the moment, and the reasons to stop them. */
export class RunningJobs {
  readonly #controllers = new Map<string, AbortController>()

  get ids(): string[] {
    return [...this.#controllers.keys()]
  }

  /** Runs a step under a signal that aborts at the job's deadline, or when the job is cancelled. */
  async run(job: Job, step: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController()
    this.#controllers.set(job.id, controller)
    const timer = abortAt(job.deadlineAtMs, controller)
    try {
      await step(controller.signal)
    } finally {
      clearTimeout(timer)
      // A second delivery of the job, after this one lost its lock, may have taken its place.
      if (this.#controllers.get(job.id) === controller) this.#controllers.delete(job.id)
    }
  }

  /** Does nothing when the job is not running here. */
  cancel(jobId: string): void {
    this.#controllers.get(jobId)?.abort(new Failure('cancelled', 'The request was cancelled.'))
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
