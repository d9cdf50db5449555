import type { Failure } from '@millrace/contracts/failures'
import type { Logger } from '@millrace/runtime'

/**
 * Faults of ours go to the log with their cause. Messages of the others are left out: they are for the client, and
 * may quote what it sent.
 */
export function logFailure(logger: Logger, failure: Failure, requestId: string): void {
  const { code, traits } = failure
  if (traits.status >= 500) logger.error({ err: failure.cause ?? failure, code, requestId }, 'a request failed')
  else logger.debug({ code, requestId, param: failure.param }, 'a request was refused')
}
