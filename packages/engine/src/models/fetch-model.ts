import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard } from './model-card.ts'
import type { ModelStore } from './model-store.ts'
import { type FailedSource, ModelUnavailableError } from './model-unavailable-error.ts'
import { describeSource } from './sources/describe-source.ts'
import { errorReason } from './sources/error-reason.ts'
import { fetchSource } from './sources/fetch-source.ts'
import type { FetchContext } from './sources/fetched-file.ts'

export type FetchModelOptions = Omit<FetchContext, 'label' | 'incomingDir'> & {
  card: ModelCard
  store: ModelStore
  log: ((line: string) => void) | undefined
}

/** Tries the sources of a card that can be fetched, in order, and stores what the first good one brings. The caller holds the model's lock. */
export async function fetchModel(options: FetchModelOptions): Promise<string> {
  const { card, store, log, ...rest } = options
  const context = { ...rest, label: card.label, incomingDir: store.incomingDir }
  const verify = { signal: rest.signal, onProgress: (done: number) => rest.onProgress(`Verifying ${card.label}`, done) }
  const failed: FailedSource[] = []
  for (const source of card.sources.filter((candidate) => candidate.type !== 'local')) {
    try {
      await sweep(store.incomingDir)
      const path = await store.install(await fetchSource(source, context), verify)
      await rm(store.incomingDir, { recursive: true, force: true })
      return path
    } catch (error) {
      rest.signal.throwIfAborted()
      failed.push({ source: describeSource(source), reason: errorReason(error) })
      log?.(`${card.label} did not come from ${describeSource(source)}: ${errorReason(error)}`)
    }
  }
  await sweep(store.incomingDir)
  throw new ModelUnavailableError(card, failed)
}

/** Clears what a dead process or a failed source has left, but for parts of downloads, which are continued. */
async function sweep(incomingDir: string): Promise<void> {
  await mkdir(incomingDir, { recursive: true })
  const leftovers = (await readdir(incomingDir)).filter((name) => !name.endsWith('.part'))
  for (const name of leftovers) await rm(join(incomingDir, name), { recursive: true, force: true })
}
