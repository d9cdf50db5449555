import type { CreateEngine, Engine } from '@millrace/contracts/jobs'
import type { Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import { tellSupervisor } from '../ipc/tell-supervisor.ts'
import { LoadingReporter } from './loading-reporter.ts'
import { StartRefusedError } from './start-refused-error.ts'

export type LoadEngineOptions = {
  settings: Settings
  /** CPU threads for decoding. */
  threads: number
  /** Whether this process was pinned to a GPU. */
  device: 'cpu' | 'cuda'
  logger: Logger
}

/**
 * The engine of `ENGINE_MODULE` with its models in memory.
 *
 * @throws StartRefusedError when there is no such module, or when it refuses: a GPU or a model that cannot be had.
 */
export async function loadEngine({ settings, threads, device, logger }: LoadEngineOptions): Promise<Engine> {
  const { engineModule, modelId, embeddingModelId, modelsDir, hfToken, slots, contextSize } = settings
  const reporter = new LoadingReporter({ logger, tell: tellSupervisor, logIntervalMs: 5_000 })
  try {
    const createEngine = await importEngine(engineModule)
    return await createEngine({
      ...{ modelId, embeddingModelId, modelsDir, hfToken, slots, contextSize, threads, device },
      onProgress: (step, fraction) => reporter.report(step, fraction),
      onWarning: (warning) => logger.info({ native: true }, warning),
    })
  } catch (error) {
    throw new StartRefusedError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** A dynamic import: the native addon is loaded here, and only by processes that run models. */
async function importEngine(specifier: string): Promise<CreateEngine> {
  const module: unknown = await import(specifier)
  if (isEngineModule(module)) return module.createEngine
  throw new Error(`ENGINE_MODULE: "${specifier}" has no function createEngine.`)
}

function isEngineModule(module: unknown): module is { createEngine: CreateEngine } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'createEngine' in module &&
    typeof module.createEngine === 'function'
  )
}
