import { isInteractive } from '@millrace/contracts/jobs'
import { HandBackError } from '../hand-back-error.ts'
import type { RunningJob, RunningJobs } from '../running-jobs.ts'
import type { Backlog, Turn } from './backlog.ts'

/** How long somebody may wait before a slot is made free: what a free worker elsewhere needs to take the job, and more. */
const intervalMs = 200
/** One waiting job makes one other yield, in the whole cluster; if it still waits after this long, another one. */
const claimMs = 30_000

export type SlotYielderOptions = {
  backlog: Backlog
  running: RunningJobs
  /** The consumer's slots. */
  concurrency: number
  onError: (error: Error) => void
}

type Yielding = RunningJob & { turn: Turn }

/**
 * While all slots of a consumer are taken and somebody waits in person, the running jobs that nobody sits before are
 * handed back to the queue, the last in line first; they continue from their logs. One that has not got any further
 * since it was taken stays, so that two which keep displacing each other still come to an end.
 */
export class SlotYielder {
  readonly #options: SlotYielderOptions
  #timer: NodeJS.Timeout | undefined

  constructor(options: SlotYielderOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setTimeout(async () => {
      await this.yieldSlots().catch(this.#options.onError)
      if (this.#timer) this.start()
    }, intervalMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Looks once. */
  async yieldSlots(): Promise<void> {
    const { backlog, running, concurrency } = this.#options
    const all = running.all
    const yielding = all.filter(mayYield).sort((a, b) => b.turn.place - a.turn.place)
    if (yielding.length === 0 || all.length < concurrency) return
    for (const waiting of await backlog.front(yielding.length)) {
      const last = yielding[0]
      if (!last || !isInteractive(waiting.serviceClass) || waiting.place >= last.turn.place) return
      if (!(await backlog.takeOnce(`yield:${waiting.id}`, claimMs))) continue
      last.stop(new HandBackError())
      yielding.shift()
    }
  }
}

function mayYield(job: RunningJob): job is Yielding {
  return job.turn !== undefined && !isInteractive(job.turn.serviceClass) && job.usedTokens !== undefined
}
