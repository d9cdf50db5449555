import { Failure } from '@millrace/contracts/failures'

/** This process ends; what is asked of another one, or of this one in a moment, can be had. */
export class ShutdownFailure extends Failure {
  constructor() {
    super('overloaded', 'The server is shutting down. Please try again.', { retryAfterSeconds: 1 })
  }
}
