import { setTimeout as delay } from 'node:timers/promises'
import type { WorkerStatus } from '@millrace/contracts/jobs'
import type { WorkerRegistry } from '@millrace/queue'

export type AnnounceOptions = {
  registry: WorkerRegistry
  status: () => WorkerStatus
  onError: (error: unknown) => void
}

const intervalMs = 1_000

/** Shows this worker as alive, each second, until the returned function is called, which takes it off the list. */
export async function announce({ registry, status, onError }: AnnounceOptions): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  await registry.announce(status())
  const loop = repeat()
  return async () => {
    stopping.abort()
    await loop
    await registry.withdraw(status().id)
  }

  async function repeat(): Promise<void> {
    while (!stopping.signal.aborted) {
      await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) await registry.announce(status()).catch(onError)
    }
  }
}
