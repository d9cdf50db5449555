import { setTimeout as sleep } from 'node:timers/promises'
import { Interrupted } from '../setup/problem.mjs'

const pollMs = 100
const answerTimeoutMs = 2_000

/**
 * Asks `/readyz` until it says yes: loading a large model may take many minutes, so there is no deadline. `onWait` is
 * told what is being waited for.
 *
 * @throws Interrupted when `signal` is aborted.
 */
export async function waitUntilReady(options: {
  url: string
  signal: AbortSignal
  onWait: (reason: string) => void
}): Promise<void> {
  const { url, signal, onWait } = options
  for (;;) {
    const reason = await unreadyReason(`${url}/readyz`)
    if (signal.aborted) throw new Interrupted()
    if (reason === undefined) return
    onWait(reason)
    await sleep(pollMs)
  }
}

async function unreadyReason(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerTimeoutMs) })
    if (response.ok) return undefined
    const { reasons } = (await response.json()) as { reasons?: string[] }
    return reasons?.join('; ') ?? `/readyz answers ${response.status}`
  } catch {
    return 'the api is starting'
  }
}
