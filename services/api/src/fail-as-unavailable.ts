import { Failure } from '@millrace/contracts/failures'

/** Waits for a step in Redis; whatever that fails with becomes what the client is told: `message`, and to come back. */
export async function failAsUnavailable<T>(message: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    throw new Failure('queue_unavailable', message, { retryAfterSeconds: 1, cause: error })
  }
}
