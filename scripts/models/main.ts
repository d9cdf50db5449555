import { join } from 'node:path'
import { readSettings } from '@millrace/runtime/settings'
import { fetchModels } from './fetch-models.ts'
import { createProgress } from './progress.ts'

// node scripts/models/main.ts [MODEL_ID ...]: fetches these models, or the two that the settings name.
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => stop.abort(new Error(`Stopped by ${name}.`)))

try {
  const { modelId, embeddingModelId, dataDir, hfToken } = readSettings(process.env)
  const named = process.argv.slice(2)
  await fetchModels({
    modelIds: named.length > 0 ? named : [modelId, embeddingModelId],
    modelsDir: join(dataDir, 'models'),
    hfToken,
    createProgress: () => createProgress(process.stdout),
    write: (line) => process.stdout.write(`${line}\n`),
    signal: stop.signal,
  })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
