import { Failure } from '@millrace/contracts/failures'
import { parseDuration } from '@millrace/runtime/settings'

/** Header with the time that a client gives its request; not longer than the server allows. */
export const timeoutHeader = 'x-request-timeout'

/**
 * How long a request may take, waiting included, in milliseconds.
 *
 * @throws Failure `invalid_request` when the header is not a duration.
 */
export function requestTimeoutMs(header: string | undefined, longestMs: number): number {
  if (header === undefined) return longestMs
  const wantedMs = parseDuration(header.trim())
  if (wantedMs !== undefined && wantedMs > 0) return Math.min(wantedMs, longestMs)
  const message = `Invalid header '${timeoutHeader}': expected a duration like 30s, 1500ms, or a number of seconds.`
  throw new Failure('invalid_request', message, { param: timeoutHeader })
}
