import type { Settings } from '@millrace/runtime/settings'
import { fetchModels } from '../models/fetch-models.ts'
import { Interrupted, Problem } from './setup/problem.mjs'
import type { Step, Terminal } from './setup/terminal.mjs'

export type FetchModelsStepOptions = {
  settings: Pick<Settings, 'modelId' | 'embeddingModelId' | 'modelsDir' | 'hfToken'>
  terminal: Terminal
  signal: AbortSignal
}

const barCells = 24

/** Makes sure of the two models that are served. @throws Problem when one cannot be had, with what was tried. */
export async function fetchModelsStep({ settings, terminal, signal }: FetchModelsStepOptions): Promise<void> {
  const { modelId, embeddingModelId, modelsDir, hfToken } = settings
  const step = terminal.step('models')
  try {
    await fetchModels({
      modelIds: [modelId, embeddingModelId],
      modelsDir,
      hfToken,
      createProgress: () => progressIn(step),
      write: (line) => sayUnlessReady(terminal, line),
      signal,
    })
    step.done(`models: ${modelId}, ${embeddingModelId}`)
  } catch (error) {
    step.fail()
    if (signal.aborted) throw new Interrupted()
    throw error instanceof Error ? new Problem(error.message) : error
  }
}

function progressIn(step: Step) {
  return {
    report(what: string, fraction: number) {
      const full = Math.round(fraction * barCells)
      step.update(`${'█'.repeat(full)}${'░'.repeat(barCells - full)} ${Math.floor(fraction * 100)} %  ${what}`)
    },
    stop: () => undefined,
  }
}

/** That a model is there is said by the step's own end. */
function sayUnlessReady(terminal: Terminal, line: string): void {
  if (!line.includes(' is ready: ')) terminal.line(`    ${terminal.style.dim(line)}`)
}
