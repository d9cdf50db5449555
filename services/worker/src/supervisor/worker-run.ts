import { type ChildProcess, fork } from 'node:child_process'
import { WorkerMessage } from '../ipc/worker-message.ts'

export type WorkerRunOptions = {
  /** The program and its arguments. */
  program: URL
  programArguments: readonly string[]
  /** The whole environment of the process. */
  env: Readonly<Record<string, string | undefined>>
  onReady: () => void
  /** Receives what is wrong with the channel to the process. */
  onProblem: (error: Error) => void
}

/** How a run ended; `error` when there was never a process. */
export type RunEnd = { code: number | null; signal: NodeJS.Signals | null; error?: Error }

type Metrics = Extract<WorkerMessage, { type: 'worker-measured' }>['metrics']

/** One process from its start to its end, and what it told about itself. */
export class WorkerRun {
  readonly #options: WorkerRunOptions
  readonly #child: ChildProcess
  readonly ended: Promise<RunEnd>
  /** Empty until it is ready. */
  models: readonly string[] = []
  /** What it measured last. */
  metrics: Metrics = []
  /** The long step that it is in while it starts. */
  loading: { step: string; fraction: number } | undefined
  /** Why it will not start. */
  refusal: string | undefined
  #readyAtMs: number | undefined

  constructor(options: WorkerRunOptions) {
    this.#options = options
    const { program, programArguments, env } = options
    // Without the options of our own Node. By structured clone: JSON has no NaN, and gauges may have it.
    this.#child = fork(program, programArguments, { env, execArgv: [], serialization: 'advanced' })
    this.#child.on('message', (message) => this.#receive(message))
    this.ended = this.#untilEnd()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get isReady(): boolean {
    return this.#readyAtMs !== undefined
  }

  /** How long it has been ready, in milliseconds. */
  get readyMs(): number {
    return this.#readyAtMs === undefined ? 0 : performance.now() - this.#readyAtMs
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  #untilEnd(): Promise<RunEnd> {
    return new Promise((resolve) => {
      // Not `exit`, which may come before the last message has been read.
      this.#child.once('close', (code, signal) => resolve({ code, signal }))
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) resolve({ code: null, signal: null, error })
        else this.#options.onProblem(error)
      })
    })
  }

  #receive(received: unknown): void {
    const { success, data: message, error } = WorkerMessage.safeParse(received)
    // A process that was started after an upgrade on the disk may be newer than its supervisor.
    if (!success) return this.#options.onProblem(error)
    if (message.type === 'worker-loading') this.loading = { step: message.step, fraction: message.fraction }
    if (message.type === 'worker-refused') this.refusal = message.reason
    if (message.type === 'worker-measured') this.metrics = message.metrics
    if (message.type === 'worker-ready') this.#becomeReady(message.models)
  }

  #becomeReady(models: readonly string[]): void {
    this.models = models
    this.loading = undefined
    this.#readyAtMs = performance.now()
    this.#options.onReady()
  }
}
