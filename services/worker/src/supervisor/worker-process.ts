import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Logger } from '@millrace/runtime'
import { refusedExitCode, WorkerMessage } from '../ipc/worker-message.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'
import type { WorkerHealth } from './worker-health.ts'

export type WorkerProcessOptions = {
  index: number
  /** As `/healthz` shows it. */
  device: string
  /** Its whole environment. */
  env: Readonly<Record<string, string | undefined>>
  /** The program; it gets the index as its argument. */
  program: URL
  backoff: BackoffOptions
  logger: Logger
  /** Called each time before it is started again. */
  onRestart: () => void
  /** Called once when it refused to start. */
  onFailed: () => void
}

type Metrics = Extract<WorkerMessage, { type: 'worker-measured' }>['metrics']

/** Keeps one worker process running: starts it, follows its state, starts it again when it dies. */
export class WorkerProcess {
  readonly #options: WorkerProcessOptions
  readonly #backoff: Backoff
  #child: ChildProcess | undefined
  #health: WorkerHealth
  #metrics: Metrics = []
  #readyAtMs: number | undefined
  #wasReady = false
  #restartTimer: NodeJS.Timeout | undefined
  #stopping = false

  constructor(options: WorkerProcessOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff)
    const worker = `millrace-worker-${options.index}`
    this.#health = { worker, device: options.device, state: 'stopped', restarts: 0, models: [] }
  }

  get health(): WorkerHealth {
    return this.#health
  }

  /** What it measured last; nothing while it does not run. */
  get metrics(): Metrics {
    return this.#metrics
  }

  start(): void {
    const { program, index, env } = this.#options
    // No options of the supervisor's own Node; messages by structured clone, since JSON has no NaN, which gauges have.
    const child = fork(program, [String(index)], { env, execArgv: [], serialization: 'advanced' })
    this.#child = child
    this.#set({ state: 'starting', ...(child.pid === undefined ? {} : { pid: child.pid }) })
    child.on('message', (message) => this.#receive(message))
    child.once('exit', (code, signal) => this.#ended(child, { code, signal }))
    child.on('error', (error) => {
      if (child.pid === undefined) this.#ended(child, { error })
      else this.#options.logger.warn({ err: error, worker: this.#health.worker }, 'worker process')
    })
  }

  /** SIGTERM, then SIGKILL after `limitMs`; resolves when there is no process, and there will be none. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    const child = this.#child
    if (child === undefined) return this.#set({ state: 'stopped' })
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const killer = setTimeout(() => {
      this.#options.logger.error({ worker: this.#health.worker }, 'worker process does not end: killing it')
      child.kill('SIGKILL')
    }, limitMs)
    await exited
    clearTimeout(killer)
  }

  #receive(received: unknown): void {
    const message = WorkerMessage.parse(received)
    if (message.type === 'worker-measured') this.#metrics = message.metrics
    if (message.type === 'worker-loading') {
      this.#set({ ...this.#health, loading: { step: message.step, fraction: message.fraction } })
    }
    if (message.type === 'worker-refused') this.#set({ ...this.#health, reason: message.reason })
    if (message.type === 'worker-ready') this.#becomeReady(message.models)
  }

  #becomeReady(models: readonly string[]): void {
    this.#wasReady = true
    this.#readyAtMs = performance.now()
    const { loading: _, reason: __, ...health } = this.#health
    this.#set({ ...health, state: 'ready', models })
    this.#options.logger.info({ worker: health.worker, device: health.device, models }, 'worker is ready')
  }
}
