import type { CreateEngine, Engine, EngineOptions } from '@millrace/contracts/jobs'

/** Loads the engine from the module that `ENGINE_MODULE` names. Throws when that is not an engine module. */
export async function loadEngine(module: string, options: EngineOptions): Promise<Engine> {
  const exports: unknown = await import(module)
  if (!isEngineModule(exports)) throw new Error(`ENGINE_MODULE ${module} does not export createEngine`)
  return await exports.createEngine(options)
}

function isEngineModule(exports: unknown): exports is { createEngine: CreateEngine } {
  return (
    typeof exports === 'object' &&
    exports !== null &&
    'createEngine' in exports &&
    typeof exports.createEngine === 'function'
  )
}
