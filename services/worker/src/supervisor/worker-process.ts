import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@millrace/runtime'
import { refusedExitCode } from '../ipc/worker-message.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'
import type { WorkerHealth, WorkerState } from './worker-health.ts'
import { type RunEnd, WorkerRun } from './worker-run.ts'

export type WorkerProcessOptions = {
  index: number
  /** As `/healthz` shows it. */
  device: string
  /** Its whole environment. */
  env: Readonly<Record<string, string | undefined>>
  /** What it runs, with the index as its argument. */
  program: URL
  backoff: BackoffOptions
  logger: Logger
  /** Called each time before it is started again. */
  onRestart: () => void
  /** Called with the process id each time the process has died. */
  onDeath: (pid: number) => void
  /** Called once when it refused to start. */
  onFailed: () => void
}

/** Keeps one worker process running: starts it again when it dies, unless it refuses to start. */
export class WorkerProcess {
  readonly #options: WorkerProcessOptions
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  readonly #name: string
  #state: WorkerState = 'starting'
  #run: WorkerRun | undefined
  #kept: Promise<void> = Promise.resolve()
  #wasReady = false
  #restarts = 0
  #reason: string | undefined

  constructor(options: WorkerProcessOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff)
    this.#name = `millrace-worker-${options.index}`
  }

  get health(): WorkerHealth {
    const { pid, models = [], loading } = this.#run ?? {}
    return {
      worker: this.#name,
      device: this.#options.device,
      state: this.#state,
      ...(pid === undefined ? {} : { pid }),
      restarts: this.#restarts,
      models,
      ...(loading === undefined ? {} : { loading }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    }
  }

  /** What it measured last; nothing while it does not run. */
  get metrics(): WorkerRun['metrics'] {
    return this.#run?.metrics ?? []
  }

  start(): void {
    this.#kept = this.#keepRunning()
  }

  /** SIGTERM, then SIGKILL after `limitMs`. Resolves when there is no process any more, and there will be none. */
  async stop(limitMs: number): Promise<void> {
    this.#stop.abort()
    this.#run?.signal('SIGTERM')
    const killer = setTimeout(() => {
      this.#options.logger.error({ worker: this.#name }, 'the worker does not end in time: killing it')
      this.#run?.signal('SIGKILL')
    }, limitMs)
    await this.#kept
    clearTimeout(killer)
  }

  async #keepRunning(): Promise<void> {
    while (true) {
      const run = this.#launch()
      const end = await run.ended
      this.#run = undefined
      if (run.pid !== undefined) this.#options.onDeath(run.pid)
      if (this.#stop.signal.aborted) break
      // What has run before can run again: a GPU may need a moment to free what the dead process held.
      if (end.code === refusedExitCode && !this.#wasReady) return this.#giveUp(run)
      await this.#recover(run, end)
      if (this.#stop.signal.aborted) break
    }
    this.#state = 'stopped'
  }

  #launch(): WorkerRun {
    const { index, env, program, logger } = this.#options
    this.#state = 'starting'
    this.#run = new WorkerRun({
      program,
      programArguments: [String(index)],
      env,
      onReady: () => this.#becomeReady(),
      onProblem: (error) => logger.warn({ err: error, worker: this.#name }, 'channel to the worker'),
    })
    return this.#run
  }

  #becomeReady(): void {
    this.#state = 'ready'
    this.#wasReady = true
    const { worker, device, pid, models } = this.health
    this.#options.logger.info({ worker, device, workerPid: pid, models }, 'worker is ready')
  }

  async #recover(run: WorkerRun, { code, signal, error }: RunEnd): Promise<void> {
    const delayMs = this.#backoff.next(run.readyMs)
    this.#state = 'restarting'
    this.#reason = run.refusal ?? error?.message ?? (signal ? `killed by ${signal}` : `exit code ${code}`)
    const facts = { worker: this.#name, code, signal, reason: this.#reason, restarts: this.#restarts, delayMs }
    this.#options.logger.error({ ...facts, workerPid: run.pid }, 'the worker died and will be started again')
    await delay(delayMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    if (this.#stop.signal.aborted) return
    this.#restarts += 1
    this.#options.onRestart()
  }

  #giveUp(run: WorkerRun): void {
    this.#state = 'failed'
    this.#reason = run.refusal ?? 'it gave no reason'
    this.#options.logger.fatal({ worker: this.#name, reason: this.#reason }, 'the worker cannot start')
    this.#options.onFailed()
  }
}
