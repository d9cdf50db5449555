import { fetchModel } from './fetch-model.ts'
import type { ModelCard } from './model-card.ts'
import { withModelLock } from './model-lock.ts'
import { ModelStore } from './model-store.ts'
import { ModelUnavailableError } from './model-unavailable-error.ts'
import { describeSource } from './sources/describe-source.ts'
import { errorReason } from './sources/error-reason.ts'
import { findLocalModel } from './sources/find-local-model.ts'
import { wholePercents } from './whole-percents.ts'

export type EnsureModelOptions = {
  /** Where fetched weights are kept; made when it is missing. */
  modelsDir: string
  /** Sent to the hub only, for gated and private models. */
  hfToken: string | undefined
  /** Told what is being done, for a person, and the fraction done, 0 to 1; at most once per percent. */
  onProgress?: ((step: string, fraction: number) => void) | undefined
  /** Receives a line when a source gives nothing and the next is tried. */
  log?: ((line: string) => void) | undefined
  /** Ends the fetch; what the hub has sent so far is kept for the next time. */
  signal?: AbortSignal | undefined
}

/**
 * The path of a card's verified GGUF file, fetched when it is not there yet. Of several processes that ask at once,
 * on one machine, one fetches and the others wait for it.
 * @throws {ModelUnavailableError} When no source gives it.
 */
export async function ensureModel(card: ModelCard, options: EnsureModelOptions): Promise<string> {
  const [first] = card.sources
  if (first?.type !== 'local') return ensureStored(card, options)
  try {
    return await findLocalModel(first)
  } catch (error) {
    throw new ModelUnavailableError(card, [{ source: describeSource(first), reason: errorReason(error) }])
  }
}

async function ensureStored(card: ModelCard, options: EnsureModelOptions): Promise<string> {
  const { modelsDir, hfToken, log, signal = new AbortController().signal } = options
  const onProgress = wholePercents(options.onProgress)
  const store = new ModelStore({ modelsDir, card })
  const found = await store.find()
  if (found) return found
  await store.prepare()
  const onWait = () => onProgress(`Waiting for another process that fetches ${card.label}`, 0)
  return withModelLock({ lockPath: store.lockPath, signal, onWait }, async (locked) => {
    const check = (fraction: number) => onProgress(`Checking ${card.label}`, fraction)
    const present = (await store.find()) ?? (await store.adopt({ signal: locked, onProgress: check }))
    return present ?? fetchModel({ card, store, hfToken, onProgress, log, signal: locked })
  })
}
