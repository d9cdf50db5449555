import { setTimeout as delay } from 'node:timers/promises'
import { lock } from 'proper-lockfile'

export type ModelLockOptions = {
  /** The lock's own path; its folder exists. */
  lockPath: string
  signal: AbortSignal
  /** Called once, when another process turns out to hold the lock. */
  onWait: () => void
}

/**
 * Runs `work` while no other process of this machine works on the same model. A lock whose owner died is taken over
 * after 10 s. `work` must stop when its signal aborts: then the lock was lost (the machine slept), or the caller gave up.
 */
export async function withModelLock<T>(
  options: ModelLockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController()
  const release = await acquire(options, (error) => lost.abort(error))
  try {
    return await work(AbortSignal.any([options.signal, lost.signal]))
  } finally {
    // Releasing a lock that was lost fails, and there is nothing left to release.
    if (!lost.signal.aborted) await release()
  }
}

async function acquire(options: ModelLockOptions, onCompromised: (error: Error) => void): Promise<() => Promise<void>> {
  for (let waited = false; ; waited = true) {
    options.signal.throwIfAborted()
    try {
      return await lock(options.lockPath, { lockfilePath: options.lockPath, realpath: false, onCompromised })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error
    }
    if (!waited) options.onWait()
    await delay(250, undefined, { signal: options.signal })
  }
}
