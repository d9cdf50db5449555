import type { Logger } from '@millrace/runtime'
import { AggregatorRegistry, Counter, type Registry } from 'prom-client'
import type { BackoffOptions } from './backoff.ts'
import type { WorkerHealth } from './worker-health.ts'
import { WorkerProcess } from './worker-process.ts'

export type SupervisorOptions = {
  /** One worker process each: its device, and its whole environment. */
  workers: readonly { device: string; env: Readonly<Record<string, string | undefined>> }[]
  /** What the processes run. */
  program: URL
  backoff: BackoffOptions
  logger: Logger
  /** The supervisor's own metrics. */
  registry: Registry
  /** Called with the id of each worker process that has died. */
  onDeath: (pid: number) => void
  /** Called when every worker has refused to start: nothing will ever run. */
  onHopeless: (error: Error) => void
}

/** All worker processes of this machine. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #workers: readonly WorkerProcess[]

  constructor(options: SupervisorOptions) {
    this.#options = options
    const restarts = new Counter({
      name: 'millrace_worker_restarts_total',
      help: 'Times a worker process was started again after it had died.',
      labelNames: ['worker'],
      registers: [options.registry],
    })
    const { program, backoff, logger, onDeath } = options
    this.#workers = options.workers.map(({ device, env }, index) => {
      const worker = String(index)
      restarts.inc({ worker }, 0)
      const onRestart = () => restarts.inc({ worker })
      const onFailed = () => this.#endIfHopeless()
      return new WorkerProcess({ index, device, env, program, backoff, logger, onRestart, onDeath, onFailed })
    })
  }

  get workers(): WorkerHealth[] {
    return this.#workers.map(({ health }) => health)
  }

  start(): void {
    for (const worker of this.#workers) worker.start()
  }

  /** Ends all worker processes; those that take longer than `limitMs` are killed. */
  async stop(limitMs: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop(limitMs)))
  }

  /** In Prometheus' text format: the supervisor's own metrics and those of each worker, told apart by labels. */
  async renderMetrics(): Promise<string> {
    const own = await this.#options.registry.getMetricsAsJSON()
    return await AggregatorRegistry.aggregate([own, ...this.#workers.map(({ metrics }) => metrics)]).metrics()
  }

  #endIfHopeless(): void {
    if (this.workers.some(({ state }) => state !== 'failed')) return
    const reasons = new Set(this.workers.map(({ reason }) => reason))
    this.#options.onHopeless(new Error(`No worker can start: ${[...reasons].join('; ')}`))
  }
}
