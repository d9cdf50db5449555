import { modelCard } from '@millrace/engine/catalogue'
import { ensureModel } from '@millrace/engine/models'
import type { Progress } from './progress.ts'

export type FetchModelsOptions = {
  /** Catalogue ids, paths or `hf:` URIs. All are understood before the first is fetched. */
  modelIds: readonly string[]
  modelsDir: string
  hfToken: string | undefined
  createProgress: () => Progress
  write: (line: string) => void
  signal: AbortSignal
}

/** Makes sure that every model is on this machine, one after the other. */
export async function fetchModels(options: FetchModelsOptions): Promise<void> {
  const { modelIds, modelsDir, hfToken, signal } = options
  for (const card of modelIds.map(modelCard)) {
    const progress = options.createProgress()
    const log = (line: string) => {
      progress.stop()
      options.write(line)
    }
    try {
      const path = await ensureModel(card, { modelsDir, hfToken, signal, onProgress: progress.report, log })
      log(`${card.label} is ready: ${path}`)
    } finally {
      progress.stop()
    }
  }
}
