import type { CreateEngine, EngineOptions } from '@millrace/contracts/jobs'
import type { Llama } from 'node-llama-cpp'
import { Embedder } from './embedding/embedder.ts'
import { ContextHost } from './generation/context-host.ts'
import { PromptRenderer } from './generation/prompt-renderer.ts'
import { Grammars } from './grammar/grammars.ts'
import { LlamaEngine } from './llama-engine.ts'
import { loadLlama } from './loading/load-llama.ts'
import { loadModel } from './loading/load-model.ts'
import { modelCard } from './models/catalogue.ts'

/** Loads both models onto the device and makes their contexts; what was made is freed again when a later step fails. */
export const createEngine: CreateEngine = async (options) => {
  await using made = new AsyncDisposableStack()
  const { onWarning = ignore } = options
  const llama = await loadLlama({ device: options.device, onWarning })
  made.defer(() => llama.dispose())
  const chat = await loadChat(llama, options)
  made.defer(() => chat.host.close())
  const embedding = await loadEmbedding(llama, options)
  made.defer(() => embedding.embedder.close())
  const resources = made.move()
  return new LlamaEngine({ chat, embedding, close: () => resources.disposeAsync() })
}

async function loadChat(llama: Llama, options: EngineOptions) {
  const { onWarning = ignore, slots, threads } = options
  const card = modelCard(options.modelId)
  const model = await loadModel(llama, { ...fetching(options), card })
  const contextSize = Math.min(options.contextSize, model.trainContextSize ?? options.contextSize)
  const host = await ContextHost.create(
    (context) => model.createContext({ ...context, sequences: slots, contextSize, threads }),
    onWarning,
  )
  return { id: card.id, model, host, prompts: new PromptRenderer(model), grammars: new Grammars(model), slots }
}

async function loadEmbedding(llama: Llama, options: EngineOptions) {
  const card = modelCard(options.embeddingModelId)
  const model = await loadModel(llama, { ...fetching(options), card })
  return { id: card.id, embedder: await Embedder.create(model, options) }
}

function fetching({ modelsDir, hfToken, onProgress = ignore, onWarning = ignore }: EngineOptions) {
  return { modelsDir, hfToken, onProgress, onWarning }
}

function ignore(): void {
  // Nobody listens.
}
