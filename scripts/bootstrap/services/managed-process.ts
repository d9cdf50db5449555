import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../setup/problem.mjs'
import { killGroup } from '../setup/run-command.mjs'

export type ManagedProcessOptions = {
  /** For a person. */
  name: string
  command: string
  args: readonly string[]
  cwd: string
  env: NodeJS.ProcessEnv
  /** Given to its standard input, which then ends. */
  input?: string
  /** Every line it prints. */
  onLine?: (line: string) => void
}

const keptLines = 30
const lastWordsMs = 500

/**
 * A process of the cluster. It leads a process group of its own, so that Ctrl-C in the terminal does not reach it:
 * the bootstrap ends the processes one after the other. It sees by its closed IPC channel when the bootstrap dies.
 */
export class ManagedProcess {
  readonly name: string
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals>
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #hasEnded = false

  /** @throws Problem when the program cannot be started. */
  static async start(options: ManagedProcessOptions): Promise<ManagedProcess> {
    const { command, args, cwd, env } = options
    const stdio = ['pipe', 'pipe', 'pipe', 'ipc'] as const
    const child = spawn(command, args, { cwd, env, detached: true, stdio: [...stdio] })
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw new Problem(`${options.name} cannot be started: ${error instanceof Error ? error.message : String(error)}`)
    }
    return new ManagedProcess(child, options)
  }

  private constructor(child: ChildProcess, { name, input = '', onLine = () => undefined }: ManagedProcessOptions) {
    this.name = name
    this.#child = child
    this.ended = this.#untilEnded(child)
    // A process that ends before it has read its input tells more by its end than by this.
    child.stdin?.on('error', () => undefined).end(input)
    for (const from of ['stdout', 'stderr'] as const) this.#readLines(from, onLine)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The last lines that it printed. */
  get lastLines(): readonly string[] {
    return this.#lines
  }

  /**
   * SIGTERM, and SIGKILL when `graceMs` have passed or `hurry` is aborted. Resolves when it and everything that it
   * started have ended.
   */
  async stop({ graceMs, hurry }: { graceMs: number; hurry?: AbortSignal }): Promise<void> {
    const kill = () => killGroup(this.pid, 'SIGKILL')
    if (!this.#hasEnded) this.#child.kill('SIGTERM')
    const killer = setTimeout(kill, graceMs)
    if (hurry?.aborted) kill()
    else hurry?.addEventListener('abort', kill, { once: true })
    await this.ended
    clearTimeout(killer)
    hurry?.removeEventListener('abort', kill)
    kill()
  }

  async #untilEnded(child: ChildProcess): Promise<number | NodeJS.Signals> {
    const closed = once(child, 'close')
    const [code, signal] = await once(child, 'exit')
    this.#hasEnded = true
    // Its last words may still be on the way; what it started may hold the pipe open much longer.
    await Promise.race([closed, sleep(lastWordsMs)])
    return code ?? signal
  }

  #readLines(from: 'stdout' | 'stderr', onLine: NonNullable<ManagedProcessOptions['onLine']>): void {
    const input = this.#child[from]
    if (!input) return
    createInterface({ input }).on('line', (line) => {
      this.#lines.push(line)
      if (this.#lines.length > keptLines) this.#lines.shift()
      onLine(line)
    })
  }
}
