import { setImmediate } from 'node:timers/promises'
import { Failure } from '@millrace/contracts/failures'
import type { EmbeddingEvent, EmbeddingJob, EngineRunOptions } from '@millrace/contracts/jobs'
import type { LlamaEmbeddingContext, LlamaModel, Token } from 'node-llama-cpp'
import { encodeVector } from './encode-vector.ts'

type Input = EmbeddingJob['inputs'][number]

/** Turns texts into vectors with one embedding model. */
export class Embedder {
  readonly #model: LlamaModel
  readonly #context: LlamaEmbeddingContext
  readonly #contextSize: number
  readonly #vocabularySize: number

  private constructor(model: LlamaModel, context: LlamaEmbeddingContext, contextSize: number) {
    this.#model = model
    this.#context = context
    this.#contextSize = contextSize
    this.#vocabularySize = model.fileInfo.metadata.tokenizer?.ggml.tokens.length ?? Number.POSITIVE_INFINITY
  }

  /** Takes as long inputs as the model was trained for: such models are small, and a cut input is a wrong vector. */
  static async create(model: LlamaModel, { threads }: { threads: number }): Promise<Embedder> {
    const contextSize = model.trainContextSize ?? 512
    // A model that looks in both directions must see the whole input in one batch.
    const context = await model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads })
    return new Embedder(model, context, contextSize)
  }

  get contextSize(): number {
    return this.#contextSize
  }

  get dimensions(): number {
    return this.#model.embeddingVectorSize
  }

  /** See Engine.embed. All inputs are looked at before the first is computed. */
  async *embed(job: EmbeddingJob, { signal }: EngineRunOptions): AsyncGenerator<EmbeddingEvent> {
    const inputs: Token[][] = []
    let promptTokens = 0
    for (const [index, input] of job.inputs.entries()) {
      // Thousands of long inputs take a while, in which the generations of this process would stand still.
      await setImmediate()
      signal.throwIfAborted()
      const tokens = this.#tokenize(input, index)
      promptTokens += this.#checkedLength(tokens, index)
      inputs.push(tokens)
    }
    const queuedMs = Math.max(0, Date.now() - job.submittedAtMs)
    yield { type: 'job-started', promptTokens, cachedTokens: 0, queuedMs }
    for (const [index, tokens] of inputs.entries()) {
      signal.throwIfAborted()
      const { vector } = await this.#context.getEmbeddingFor(tokens)
      yield { type: 'embedding-computed', index, vector: encodeVector(vector) }
    }
    yield { type: 'job-finished', reason: 'stop', usage: { promptTokens, cachedTokens: 0, completionTokens: 0 } }
  }

  async close(): Promise<void> {
    await this.#context.dispose()
  }

  #tokenize(input: Input, index: number): Token[] {
    // Plain text: what looks like a control token is not one.
    const tokens = typeof input === 'string' ? this.#model.tokenize(input, false) : (input as Token[])
    if (tokens.length === 0) throw invalid(index, 'is empty; expected at least one token')
    const unknown = tokens.find((token) => token >= this.#vocabularySize)
    if (unknown === undefined) return tokens
    throw invalid(index, `has the token ${unknown}; this model's tokens are 0 to ${this.#vocabularySize - 1}`)
  }

  /** The input's length as the model sees it, with the tokens that mark its beginning and end. */
  #checkedLength(tokens: Token[], index: number): number {
    const length = this.#context.calculateInputLength(tokens)
    if (length < this.#contextSize) return length
    const message =
      `This model's maximum input length is ${this.#contextSize - 1} tokens, and input[${index}] has ${length}. ` +
      'Please shorten or split it.'
    throw new Failure('context_length_exceeded', message, { param: `input[${index}]` })
  }
}

function invalid(index: number, problem: string): Failure {
  return new Failure('invalid_request', `input[${index}] ${problem}.`, { param: `input[${index}]` })
}
