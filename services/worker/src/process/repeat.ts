import { setTimeout as delay } from 'node:timers/promises'

export type RepeatOptions = {
  intervalMs: number
  signal: AbortSignal
  /** Receives what a turn throws; the next one comes all the same. */
  onError: (error: unknown) => void
}

/** Does `turn` again and again, with a pause after each, until the signal aborts. One turn at a time. */
export async function repeat(turn: () => Promise<void>, { intervalMs, signal, onError }: RepeatOptions): Promise<void> {
  while (!signal.aborted) {
    await turn().catch(onError)
    await delay(intervalMs, undefined, { signal }).catch(() => undefined)
  }
}
