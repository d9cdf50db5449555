import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cardOfHubUri } from '../card-of-hub-uri.ts'
import { ensureModel } from '../ensure-model.ts'

export type ModelProcess = { child: ChildProcess; ended: Promise<{ code: number | null; path: string | undefined }> }

/** `ensureModel` of an `hf:` URI in a process of its own, which can be killed. */
export function ensureInProcess(uri: string, modelsDir: string, env: Record<string, string>): ModelProcess {
  const child = fork(import.meta.filename, [uri, modelsDir], { env: { ...process.env, ...env } })
  let path: string | undefined
  child.on('message', (message) => {
    path = String(message)
  })
  return { child, ended: once(child, 'exit').then(([code]) => ({ code, path })) }
}

const [, , uri, modelsDir] = process.argv
if (import.meta.main && uri && modelsDir) {
  const path = await ensureModel(cardOfHubUri(uri), { modelsDir, hfToken: undefined })
  process.send?.(path, () => process.disconnect())
}
