import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A Millrace service in a process of its own, with the end of its output kept for error messages. */
export type Child = {
  readonly pid: number
  /** The last lines it printed. */
  output(): string
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code, or the signal's name, once it has ended. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** SIGTERM, then wait; a child that has ended already is fine. */
  stop(): Promise<void>
}

const keptOutputCharacters = 20_000

/** Starts `main` with the Node that runs this file. `env` is all the child gets, beside PATH and HOME. */
export function startChild(main: URL, env: Record<string, string>): Child {
  const { PATH = '', HOME = '' } = process.env
  const spawned = spawn(process.execPath, [main.pathname], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (spawned.pid === undefined) throw new Error(`could not start ${main.pathname}`)
  const exited = once(spawned, 'exit').then(([code, signal]) => code ?? signal)
  const signal = (name: NodeJS.Signals) => void spawned.kill(name)
  return {
    pid: spawned.pid,
    output: collectOutput(spawned),
    signal,
    exited,
    stop: async () => {
      signal('SIGTERM')
      await exited
    },
  }
}

function collectOutput(child: ChildProcess): () => string {
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-keptOutputCharacters)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => output
}
