import type { Life } from './life.ts'
import type { Logger } from './logger.ts'

type Closer = { name: string; close: () => Promise<void> | void }

/**
 * Ctrl-C reaches a whole process group, and a supervisor then signals its children once more; so does a service
 * manager that signals a whole control group. Only a repetition after this time is a person losing patience.
 */
const sameRequestMs = 500

/** A process from its start to `process.exit`. */
export class Lifetime implements Life {
  readonly #logger: Logger
  readonly #shutdownTimeoutMs: number
  readonly #closers: Closer[] = []
  #closing: Closer | undefined
  readonly #controller = new AbortController()
  readonly #receivedAtMs = new Map<string, number>()
  #exitCode = 0

  constructor(options: { logger: Logger; shutdownTimeoutMs: number }) {
    this.#logger = options.logger
    this.#shutdownTimeoutMs = options.shutdownTimeoutMs
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  defer(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close })
  }

  fail(error: unknown): void {
    this.#logger.fatal({ err: error }, 'fatal error')
    this.#exitCode = 1
    this.shutdown('fatal error')
  }

  shutdown(reason: string): void {
    if (this.signal.aborted) return
    this.#logger.info({ reason }, 'shutting down')
    this.#controller.abort(new Error(`shutting down: ${reason}`))
    void this.#closeAndExit()
  }

  /** A signal of the operating system: the first begins the shutdown, the same one again ends it at once. */
  receive(name: NodeJS.Signals): void {
    const now = performance.now()
    const firstAtMs = this.#receivedAtMs.get(name) ?? now
    this.#receivedAtMs.set(name, firstAtMs)
    if (now - firstAtMs > sameRequestMs) this.#exit(1, `${name} again`)
    this.shutdown(name)
  }

  async #closeAndExit(): Promise<void> {
    const timer = setTimeout(() => this.#giveUp(), this.#shutdownTimeoutMs)
    // A closer that is deferred while others run (start may not be done yet) is taken up too.
    while (this.#closers.length > 0) await this.#closeLast()
    clearTimeout(timer)
    this.#exit(this.#exitCode, 'everything is closed')
  }

  async #closeLast(): Promise<void> {
    this.#closing = this.#closers.pop()
    try {
      await this.#closing?.close()
    } catch (error) {
      this.#exitCode = 1
      this.#logger.error({ err: error, closing: this.#closing?.name }, 'could not close')
    }
  }

  #giveUp(): never {
    this.#logger.error(
      { closing: this.#closing?.name, notClosed: this.#closers.map(({ name }) => name) },
      'closing takes too long',
    )
    return this.#exit(1, 'the time for closing is over')
  }

  #exit(code: number, reason: string): never {
    this.#logger.info({ code, reason }, 'exit')
    return process.exit(code)
  }
}
