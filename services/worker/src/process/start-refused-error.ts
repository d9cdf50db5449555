/** The process cannot do its work, and starting it once more would not change that. `message` is for the operator. */
export class StartRefusedError extends Error {
  override name = 'StartRefusedError'
}
