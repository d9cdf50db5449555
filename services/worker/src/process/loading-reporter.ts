import type { Logger } from '@millrace/runtime'
import type { WorkerMessage } from '../ipc/worker-message.ts'

export type LoadingReporterOptions = {
  logger: Pick<Logger, 'info'>
  tell: (message: WorkerMessage) => Promise<void>
  /** Between two log lines about one step, in milliseconds. */
  logIntervalMs: number
}

/** Engines report progress as often as they like: the supervisor hears whole percents, the log less than that. */
export class LoadingReporter {
  readonly #options: LoadingReporterOptions
  #step: string | undefined
  #percent = 0
  #loggedAtMs = 0

  constructor(options: LoadingReporterOptions) {
    this.#options = options
  }

  report(step: string, fraction: number): void {
    const percent = Math.floor(fraction * 100)
    if (step === this.#step && percent === this.#percent) return
    if (step !== this.#step || performance.now() - this.#loggedAtMs >= this.#options.logIntervalMs) {
      this.#options.logger.info({ percent }, step)
      this.#loggedAtMs = performance.now()
    }
    this.#step = step
    this.#percent = percent
    void this.#options.tell({ type: 'worker-loading', step, fraction })
  }
}
