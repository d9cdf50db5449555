import { Failure } from '@millrace/contracts/failures'

/** Runs a step that someone waits for; whatever Redis fails with becomes what the client is told. */
export async function failAsUnavailable<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    const message = 'The job queue cannot be reached at the moment. Please try again in a moment.'
    throw new Failure('queue_unavailable', message, { retryAfterSeconds: 1, cause: error })
  }
}
