import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '@millrace/testkit'
import { z } from 'zod'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

const Health = z.object({
  status: z.enum(['up', 'down']),
  workers: z.array(
    z.object({ worker: z.string(), state: z.string(), pid: z.int().optional(), restarts: z.int(), device: z.string() }),
  ),
})

export type SupervisorProcess = AsyncDisposable & {
  pid: number
  /** Everything it and its workers logged so far. */
  output(): string
  signal(name: NodeJS.Signals): void
  /** Exit code, or the name of the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>
  health(): Promise<z.infer<typeof Health>>
  /** Process ids of the workers that are ready; waits until all are. */
  readyPids(): Promise<number[]>
  metrics(): Promise<string>
}

/** Starts a worker service as an operator does, on the scripted engine unless `env` says otherwise. */
export function startSupervisorProcess(env: Record<string, string>): SupervisorProcess {
  const { PATH = '', HOME = '' } = process.env
  const engine = { ENGINE_MODULE: '@millrace/testkit/scripted-engine', DEVICE: 'cpu', WORKER_PORT: '0', THREADS: '1' }
  const child = spawn(process.execPath, [main], {
    env: { PATH, HOME, ...engine, SHUTDOWN_TIMEOUT: '4s', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal)
  const get = async (path: string) => {
    const url = await eventually(() => /"url":"([^"]+)"/.exec(output)?.[1] ?? false, { timeoutMs: 60_000 })
    return await fetch(`${url}${path}`)
  }
  const health = async () => Health.parse(await (await get('/healthz')).json())
  return {
    pid: child.pid ?? 0,
    output: () => output,
    signal: (name) => void child.kill(name),
    exited,
    health,
    readyPids: async () => {
      const ready = async () => (await health()).workers.every(({ state }) => state === 'ready')
      await eventually(ready, { timeoutMs: 60_000 })
      return (await health()).workers.flatMap(({ pid }) => pid ?? [])
    },
    metrics: async () => (await get('/metrics')).text(),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
