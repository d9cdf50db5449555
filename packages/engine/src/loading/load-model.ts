import type { Llama, LlamaModel } from 'node-llama-cpp'
import { ensureModel, type ModelCard } from '../models/index.ts'

export type LoadModelOptions = {
  card: ModelCard
  modelsDir: string
  hfToken: string | undefined
  onProgress: (step: string, fraction: number) => void
  onWarning: (message: string) => void
}

/** Makes sure of the weights and reads them into the device's memory. */
export async function loadModel(llama: Llama, options: LoadModelOptions): Promise<LlamaModel> {
  const { card, modelsDir, hfToken, onProgress, onWarning } = options
  const modelPath = await ensureModel(card, { modelsDir, hfToken, onProgress, log: onWarning })
  return await llama.loadModel({
    modelPath,
    onLoadProgress: (fraction) => onProgress(`Loading ${card.label}`, fraction),
  })
}
