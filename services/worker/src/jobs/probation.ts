import { Failure } from '@millrace/contracts/failures'
import type { JobEvent } from '@millrace/contracts/jobs'
import type { Delivery } from '@millrace/queue'
import type { AttemptLog } from './attempt-log.ts'
import type { Quarantine } from './quarantine.ts'

export type ProbationOptions = {
  delivery: Pick<Delivery, 'crashes' | 'countCrashes' | 'exonerate'>
  quarantine: Quarantine
  /** A job is given up after this many crashes. */
  maxCrashes: number
  signal: AbortSignal
  log: Pick<AttemptLog, 'flush'>
}

/** What an attempt at a job has to live down when a worker died at the one before. */
export type Probation = Disposable & {
  /** Call with each event that was given to the log. */
  passed(event: JobEvent): Promise<void>
}

/**
 * Waits until the job may run. With its last chance it runs in quarantine, until it has got further than before: a new
 * token is in its log. The chances before that it takes at once: most workers die for reasons of their own, and the
 * streams of all their jobs wait. Throws a Failure (`worker_crashed`) when it has had its chances.
 */
export async function beginProbation(options: ProbationOptions): Promise<Probation> {
  const { delivery, maxCrashes, log } = options
  const { crashes, exonerate } = delivery
  if (crashes === 0) return { passed: async () => undefined, [Symbol.dispose]: () => undefined }
  if (crashes >= maxCrashes) throw new Failure('worker_crashed', `The worker died ${crashes} times at this request.`)
  const isLastChance = crashes === maxCrashes - 1
  const leave = isLastChance ? await enterQuarantine(options) : () => undefined
  let suspected = true
  return {
    async passed(event) {
      if (!suspected || event.type !== 'text-delta' || event.tokens.length === 0) return
      suspected = false
      // A crash before the token is in the log would be one without progress.
      await log.flush()
      await exonerate()
      leave()
    },
    [Symbol.dispose]: leave,
  }
}

/** While the job waits in there, a crash of the worker is not its fault. */
async function enterQuarantine({ delivery, quarantine, signal }: ProbationOptions): Promise<() => void> {
  await delivery.countCrashes(false)
  const leave = await quarantine.enter(signal)
  await delivery.countCrashes(true)
  return leave
}
