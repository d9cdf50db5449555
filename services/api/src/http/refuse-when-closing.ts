import { Failure } from '@millrace/contracts/failures'

/** Throws when this process takes no new work. */
export function refuseWhenClosing({ isClosing }: { isClosing: boolean }): void {
  if (!isClosing) return
  throw new Failure('overloaded', 'The server is shutting down. Please try again.', { retryAfterSeconds: 1 })
}
