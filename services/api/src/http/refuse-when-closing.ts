import { Failure } from '@millrace/contracts/failures'

/** What a client is told by a process that ends. */
export function shuttingDown(): Failure {
  return new Failure('shutting_down', 'The server is shutting down. Please try again.', { retryAfterSeconds: 1 })
}

/** Throws when this process takes no new work. */
export function refuseWhenClosing({ isClosing }: { isClosing: boolean }): void {
  if (isClosing) throw shuttingDown()
}
