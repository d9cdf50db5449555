import type {
  EmbeddingEvent,
  EmbeddingJob,
  Engine,
  EngineRunOptions,
  GenerationEvent,
  GenerationJob,
  ServedModel,
} from '@millrace/contracts/jobs'
import type { Embedder } from './embedding/embedder.ts'
import { type GenerateDeps, type GenerateOptions, generate } from './generation/generate.ts'

export type LlamaEngineOptions = {
  chat: GenerateDeps & { id: string; slots: number }
  embedding: { id: string; embedder: Embedder }
  /** Frees contexts, weights and the native library. */
  close: () => Promise<void>
}

/** The models of one process, on llama.cpp. */
export class LlamaEngine implements Engine {
  readonly models: readonly ServedModel[]
  readonly #options: LlamaEngineOptions
  #closing: Promise<void> | undefined

  constructor(options: LlamaEngineOptions) {
    this.#options = options
    const { chat, embedding } = options
    const { embedder } = embedding
    this.models = [
      { id: chat.id, kind: 'generation', contextSize: chat.host.live.context.contextSize, slots: chat.slots },
      {
        id: embedding.id,
        kind: 'embedding',
        contextSize: embedder.contextSize,
        slots: 1,
        dimensions: embedder.dimensions,
      },
    ]
  }

  busySlots(): number {
    return this.#options.chat.host.live.slots.busy
  }

  generate(job: GenerationJob, options: GenerateOptions): AsyncIterable<GenerationEvent> {
    return generate(this.#options.chat, job, options)
  }

  embed(job: EmbeddingJob, options: EngineRunOptions): AsyncIterable<EmbeddingEvent> {
    return this.#options.embedding.embedder.embed(job, options)
  }

  close(): Promise<void> {
    this.#closing ??= this.#options.close()
    return this.#closing
  }
}
