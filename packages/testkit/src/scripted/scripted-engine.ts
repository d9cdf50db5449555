import { setImmediate as nextTurn } from 'node:timers/promises'
import { Failure } from '@millrace/contracts/failures'
import type {
  EmbeddingEvent,
  EmbeddingJob,
  Engine,
  EngineOptions,
  EngineRunOptions,
  GenerationEvent,
  GenerationJob,
  JobStarted,
  ResumePoint,
  ServedModel,
} from '@millrace/contracts/jobs'
import { countPromptTokens, countTokens } from './count-tokens.ts'
import type { DecodeClock } from './decode-clock.ts'
import { Generation } from './generation.ts'
import { obeyCommands } from './obey-commands.ts'
import { dimensions, scriptedVector } from './scripted-vector.ts'
import { Slots } from './slots.ts'

type ScriptedEngineOptions = Pick<EngineOptions, 'modelId' | 'embeddingModelId' | 'slots' | 'contextSize'> & {
  /** Length of an answer that nothing cuts short. */
  answerTokens: number
  clock: DecodeClock
}

const embeddingContextSize = 512

export class ScriptedEngine implements Engine {
  readonly models: readonly ServedModel[]
  readonly #options: ScriptedEngineOptions
  readonly #slots: Slots
  readonly #closed = new AbortController()

  constructor(options: ScriptedEngineOptions) {
    const { modelId, embeddingModelId, contextSize, slots } = options
    this.models = [
      { id: modelId, kind: 'generation', contextSize, slots },
      { id: embeddingModelId, kind: 'embedding', contextSize: embeddingContextSize, slots, dimensions },
    ]
    this.#options = options
    this.#slots = new Slots(slots)
  }

  busySlots(): number {
    return this.#slots.busy
  }

  async *generate(
    job: GenerationJob,
    { signal: ofJob, resumeFrom }: EngineRunOptions & { resumeFrom?: ResumePoint },
  ): AsyncGenerator<GenerationEvent, void> {
    const signal = this.#untilClosed(ofJob)
    const promptTokens = this.#promptTokensOf(job)
    const free = await this.#slots.take(signal)
    try {
      yield started(job, promptTokens)
      obeyCommands(job.messages.map(({ text }) => text))
      yield* this.#decode(job, promptTokens, signal, resumeFrom)
    } finally {
      free()
    }
  }

  async *embed(job: EmbeddingJob, { signal: ofJob }: EngineRunOptions): AsyncGenerator<EmbeddingEvent, void> {
    const signal = this.#untilClosed(ofJob)
    const promptTokens = job.inputs.reduce((sum, input) => sum + countTokens(input), 0)
    yield started(job, promptTokens)
    obeyCommands(job.inputs.filter((input) => typeof input === 'string'))
    for (const [index, input] of job.inputs.entries()) {
      // Whoever wants to cancel gets a turn.
      await nextTurn()
      signal.throwIfAborted()
      yield { type: 'embedding-computed', index, vector: scriptedVector(input) }
    }
    yield { type: 'job-finished', reason: 'stop', usage: { promptTokens, cachedTokens: 0, completionTokens: 0 } }
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the scripted engine is closed'))
  }

  async *#decode(
    job: GenerationJob,
    promptTokens: number,
    signal: AbortSignal,
    resumeFrom: ResumePoint | undefined,
  ): AsyncGenerator<GenerationEvent, void> {
    const { answerTokens, contextSize, clock } = this.#options
    const generation = new Generation(job, { answerTokens, roomTokens: contextSize - promptTokens })
    if (resumeFrom !== undefined) generation.resume(resumeFrom)
    let reason = generation.ended
    while (reason === undefined) {
      for (let due = await clock.beat(); due > 0 && reason === undefined; due--) {
        signal.throwIfAborted()
        yield generation.next()
        reason = generation.ended
      }
    }
    const text = generation.rest()
    if (text !== '') yield { type: 'text-delta', text, tokens: [] }
    const usage = { promptTokens, cachedTokens: 0, completionTokens: generation.tokens }
    yield { type: 'job-finished', reason, usage }
  }

  #promptTokensOf(job: GenerationJob): number {
    const { contextSize } = this.#options
    const promptTokens = countPromptTokens(job.messages)
    if (promptTokens < contextSize) return promptTokens
    throw new Failure(
      'context_length_exceeded',
      `This model's maximum context length is ${contextSize} tokens, but the messages have ${promptTokens} tokens.`,
      { param: 'messages' },
    )
  }

  #untilClosed(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed.signal])
  }
}

function started(job: GenerationJob | EmbeddingJob, promptTokens: number): JobStarted {
  const queuedMs = Math.max(0, Date.now() - job.submittedAtMs)
  return { type: 'job-started', promptTokens, cachedTokens: 0, queuedMs }
}
