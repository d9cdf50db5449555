import type { EmbeddingJob } from './embedding-job.ts'
import type { GenerationJob } from './generation-job.ts'
import type { EmbeddingComputed, JobFinished, JobStarted, TextDelta } from './job-event.ts'
import type { ServedModel } from './served-model.ts'

/** What is already in the delta log of a generation that an earlier attempt began. */
export type ResumePoint = {
  /** Every token logged so far, in order. */
  tokens: readonly number[]
  /** Every character shown so far; the continuation must not repeat it. */
  text: string
}

export type GenerationEvent = JobStarted | TextDelta | JobFinished
export type EmbeddingEvent = JobStarted | EmbeddingComputed | JobFinished

export type EngineRunOptions = {
  /** Stops the work within one decode step; the iterable then throws the signal's reason. */
  signal: AbortSignal
}

/**
 * Runs jobs on one device. Implementations throw a Failure for what the client must hear about, and any other
 * error for faults of their own; they never emit `job-failed` or `job-cancelled` (that is the worker's to say).
 * Runs may overlap: as many generations at once as the model has slots, more wait inside.
 */
export interface Engine {
  readonly models: readonly ServedModel[]
  /** Slots in use at this moment. */
  busySlots(): number
  generate(job: GenerationJob, options: EngineRunOptions & { resumeFrom?: ResumePoint }): AsyncIterable<GenerationEvent>
  embed(job: EmbeddingJob, options: EngineRunOptions): AsyncIterable<EmbeddingEvent>
  /** Frees slots, contexts and weights; waits for running native calls. */
  close(): Promise<void>
}

/** What an engine is built from; every value is resolved, nothing is read from the environment. */
export type EngineOptions = {
  /** `MODEL_ID` and `EMBEDDING_MODEL_ID` as the operator wrote them: catalogue id, path or `hf:` URI. */
  modelId: string
  embeddingModelId: string
  /** Where weights are kept, as an absolute folder. */
  modelsDir: string
  hfToken: string | undefined
  /** The device this process was pinned to. `cuda` must fail rather than fall back to the CPU. */
  device: 'cpu' | 'cuda'
  /** Generations at once. */
  slots: number
  /** Tokens of prompt + completion per slot. */
  contextSize: number
  /** CPU threads for decoding. */
  threads: number
  /** Receives one line for a person about long steps (download, load), and their fraction done, 0 to 1. */
  onProgress?: (step: string, fraction: number) => void
  /** Receives what the native library warns about. */
  onWarning?: (message: string) => void
}

/** The one export of an engine module (`ENGINE_MODULE`), so that a worker can run on another engine. */
export type CreateEngine = (options: EngineOptions) => Promise<Engine>
