import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installDependencies } from './install-dependencies.mjs'
import { Interrupted } from './problem.mjs'
import { takeLock } from './process-lock.mjs'
import { ensureToolchain } from './toolchain.mjs'

const retryMs = 200

/** Everything up to the point where the TypeScript of this checkout runs. Returns the toolchain. */
export async function prepare({ root, env, terminal, signal }) {
  const lock = await waitForLock({ file: join(root, '.millrace/prepare.lock'), terminal, signal })
  try {
    const toolchain = await ensureToolchain({ root, env, terminal, signal })
    await installDependencies({ root, toolchain, env, terminal, signal })
    return toolchain
  } finally {
    lock.release()
  }
}

/** Two at once would install into the same folders. */
async function waitForLock({ file, terminal, signal }) {
  let lock = takeLock(file)
  if (lock.release) return lock
  const step = terminal.step(`Waiting for another npm start or npm test of this checkout (process ${lock.holder})`)
  while (!lock.release) {
    if (signal.aborted) {
      step.fail()
      throw new Interrupted()
    }
    await sleep(retryMs)
    lock = takeLock(file)
  }
  step.done()
  return lock
}
