import type { Failure } from '@millrace/contracts/failures'
import type { Logger } from '@millrace/runtime'

/**
 * Faults of ours go to the log with their cause, as errors; that the cluster cannot serve at the moment is a warning.
 * Messages about a client's own mistakes are left out: they may quote what it sent.
 */
export function logFailure(logger: Logger, failure: Failure, requestId: string): void {
  const { code, traits } = failure
  const err = failure.cause ?? failure
  if (traits.status === 500) logger.error({ err, code, requestId }, 'a request failed')
  else if (traits.status > 500) logger.warn({ err, code, requestId }, 'a request could not be served')
  else logger.debug({ code, requestId, param: failure.param }, 'a request was refused')
}
