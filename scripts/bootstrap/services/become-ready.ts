import type { Terminal } from '../setup/terminal.mjs'
import { waitUntilReady } from './wait-until-ready.ts'

export type BecomeReadyOptions = {
  url: string
  terminal: Terminal
  signal: AbortSignal
  /** Rejects when a process of the cluster ends. */
  failure: Promise<never>
  /** What the worker says about its loading; undefined as long as it has said nothing. */
  progress: () => string | undefined
}

/** Shows a step until the cluster is ready. @throws Interrupted when `signal` is aborted; what `failure` rejects with. */
export async function becomeReady({ url, terminal, signal, failure, progress }: BecomeReadyOptions): Promise<void> {
  const step = terminal.step('starting worker and api')
  const giveUp = new AbortController()
  try {
    const ready = waitUntilReady({
      url,
      signal: AbortSignal.any([signal, giveUp.signal]),
      onWait: (reason) => step.update(progress() ?? reason),
    })
    await Promise.race([ready, failure])
    step.done('worker and api')
  } catch (error) {
    giveUp.abort()
    step.fail()
    throw error
  }
}
