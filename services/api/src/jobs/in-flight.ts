import type { Failure } from '@millrace/contracts/failures'

/** The requests for a model that are being answered, so that a shutdown can wait for them and then end them. */
export class InFlight {
  readonly #controllers = new Set<AbortController>()
  #onIdle: (() => void) | undefined
  #isClosing = false

  /** From here on this process takes no new work. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** The signal aborts when the client leaves, and at shutdown with a Failure. `end` must be called in any case. */
  begin(clientSignal: AbortSignal): { signal: AbortSignal; abort: () => void; end: () => void } {
    const controller = new AbortController()
    const onClientGone = () => controller.abort(clientSignal.reason)
    if (clientSignal.aborted) onClientGone()
    clientSignal.addEventListener('abort', onClientGone, { once: true })
    this.#controllers.add(controller)
    const end = () => {
      clientSignal.removeEventListener('abort', onClientGone)
      this.#controllers.delete(controller)
      if (this.#controllers.size === 0) this.#onIdle?.()
    }
    return { signal: controller.signal, abort: () => controller.abort(), end }
  }

  /** Waits until nothing is in flight; after `timeoutMs` what is left ends with `failure`. */
  async drain({ timeoutMs, failure }: { timeoutMs: number; failure: Failure }): Promise<void> {
    this.#isClosing = true
    if (this.#controllers.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onIdle = resolve
    const timer = setTimeout(() => this.#abortAll(failure), timeoutMs)
    await promise
    clearTimeout(timer)
  }

  #abortAll(failure: Failure): void {
    for (const controller of this.#controllers) controller.abort(failure)
  }
}
