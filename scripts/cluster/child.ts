import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A Millrace service in a process of its own, with the end of its output kept for error messages. */
export type Child = {
  readonly pid: number
  /** The last lines it printed, over all its runs. */
  output(): string
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code, or the signal's name, once it has ended. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** SIGTERM, then wait; a child that has ended already is fine. */
  stop(): Promise<void>
  /** Starts it once more with the same settings. Only for one that has ended. */
  startAgain(): void
}

const keptOutputCharacters = 20_000

/** Starts `main` with the Node that runs this file. `env` is all the child gets, beside PATH and HOME. */
export function startChild(main: URL, env: Record<string, string>): Child {
  const output = new OutputEnd()
  let run = launch(main, env, output)
  const signal = (name: NodeJS.Signals) => void run.spawned.kill(name)
  return {
    get pid() {
      return run.pid
    },
    get exited() {
      return run.exited
    },
    output: () => output.text,
    signal,
    stop: async () => {
      signal('SIGTERM')
      await run.exited
    },
    startAgain: () => {
      run = launch(main, env, output)
    },
  }
}

function launch(main: URL, env: Record<string, string>, output: OutputEnd) {
  const { PATH = '', HOME = '' } = process.env
  const spawned = spawn(process.execPath, [main.pathname], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = spawned
  if (pid === undefined) throw new Error(`could not start ${main.pathname}`)
  output.collect(spawned)
  const exited: Promise<number | NodeJS.Signals> = once(spawned, 'exit').then(([code, signal]) => code ?? signal)
  return { pid, spawned, exited }
}

class OutputEnd {
  text = ''

  collect(child: ChildProcess): void {
    const keep = (chunk: Buffer) => {
      this.text = (this.text + chunk.toString()).slice(-keptOutputCharacters)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
  }
}
