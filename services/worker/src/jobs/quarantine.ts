/**
 * Where jobs wait whose last worker died: one of them at a time gets going here. A job that kills its worker then has
 * no company that could be taken for the culprit, and the others that died with it go on unharmed.
 */
export class Quarantine {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when nobody else is in it, with the way out. Throws the signal's reason when that aborts first. */
  async enter(signal: AbortSignal): Promise<() => void> {
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = before.then(() => left)
    try {
      await untilAborted(before, signal)
    } catch (error) {
      leave()
      throw error
    }
    return leave
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
