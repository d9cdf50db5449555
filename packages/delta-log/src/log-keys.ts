/** Every name that the delta logs use in Redis. `prefix` is the installation's (`REDIS_PREFIX`). */
export class LogKeys {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = `${prefix}:log`
  }

  /** Hash: `epoch`, `seq` of the last frame, `readers` (replica ids, space-separated), `ended` once it is terminal. */
  meta(jobId: string): string {
    return `${this.#prefix}:${jobId}:meta`
  }

  /** Stream: entry `<seq>-0` holds the JSON of one frame in field `f`. */
  frames(jobId: string): string {
    return `${this.#prefix}:${jobId}:frames`
  }

  /** Both, in the order in which all the scripts take them. */
  both(jobId: string): [meta: string, frames: string] {
    return [this.meta(jobId), this.frames(jobId)]
  }

  /** What a replica id is appended to, to name the channel that carries this replica's frames of all jobs. */
  get channelPrefix(): string {
    return `${this.#prefix}:delivery:`
  }
}
