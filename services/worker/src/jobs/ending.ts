import { Failure } from '@millrace/contracts/failures'
import type { TerminalEvent, TokenUsage } from '@millrace/contracts/jobs'

/** The terminal event for a job that did not reach its own end. `thrown` is a Failure, or a fault of ours. */
export function ending(thrown: unknown, usage: TokenUsage): TerminalEvent {
  if (!(thrown instanceof Failure)) {
    const message = 'The model could not process this request. Trying again may help.'
    return { type: 'job-failed', code: 'engine_failure', message }
  }
  if (thrown.code === 'cancelled') return { type: 'job-cancelled', usage }
  const { code, message, param } = thrown
  return { type: 'job-failed', code, message, ...(param === undefined ? {} : { param }) }
}
