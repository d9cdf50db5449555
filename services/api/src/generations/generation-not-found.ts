import { Failure } from '@millrace/contracts/failures'

/** In the same words whether it never was, is over, or is somebody else's. */
export function generationNotFound(): Failure {
  return new Failure('generation_not_found', 'There is no such generation, or it ended too long ago.')
}
