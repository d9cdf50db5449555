/**
 * Thrown by a handler whose job has to go on elsewhere, because its process ends, say. The job becomes the first of
 * its priority again, and the attempt is not counted. An idle consumer notices it within a second.
 */
export class HandBackError extends Error {
  constructor() {
    super('The job was handed back to the queue.')
    this.name = 'HandBackError'
  }
}
