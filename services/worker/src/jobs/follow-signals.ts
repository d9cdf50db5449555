import { addAbortListener } from 'node:events'

/**
 * A signal that aborts with the first of `sources`, until it is disposed of. Not AbortSignal.any: Node keeps what that
 * makes for as long as a source lives, and one of ours lives as long as the process.
 */
export function followSignals(sources: readonly AbortSignal[]): { signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  const listeners = new DisposableStack()
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason)
    else listeners.use(addAbortListener(source, () => controller.abort(source.reason)))
  }
  return { signal: controller.signal, [Symbol.dispose]: () => listeners.dispose() }
}
