const shortestMs = 250
const longestMs = 30_000
/** A process that lived this long was healthy: its end is a new event, not one more of the last. */
const healthyMs = 60_000

/** How long to wait before a worker process is started again: at once after a healthy life, then twice as long each time. */
export class RestartDelay {
  #failures = 0

  /** @param livedMs How long the process that ended had been ready. */
  next(livedMs: number): number {
    if (livedMs >= healthyMs) this.#failures = 0
    const delayMs = this.#failures === 0 ? 0 : Math.min(longestMs, shortestMs * 2 ** (this.#failures - 1))
    this.#failures++
    return delayMs
  }
}
