import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Contestant, Load, Measurement } from './measurement.ts'

export type DirectOptions = {
  name: string
  modelPath: string
  slots: number
  contextSize: number
  threads: number
  env: Record<string, string>
}

/** node-llama-cpp in a process of its own. */
export async function directContestant(options: DirectOptions): Promise<Contestant> {
  const { name, modelPath, slots, contextSize, threads, env } = options
  const main = new URL('./direct-process.ts', import.meta.url)
  const child = fork(main, [modelPath, slots, contextSize, threads].map(String), { env: { ...process.env, ...env } })
  await once(child, 'message')
  return {
    name,
    run: async (load: Load) => {
      child.send(load)
      const [measurement] = (await once(child, 'message')) as [Measurement]
      return measurement
    },
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}
