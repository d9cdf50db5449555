import { Failure } from '@millrace/contracts/failures'
import type { JobKind, ServedModel, WorkerStatus } from '@millrace/contracts/jobs'
import type { ModelObject } from '@millrace/contracts/openai'

/** A model that is meant to be served, whether or not a worker does at the moment. */
export type ConfiguredModel = { id: string; kind: JobKind }

export type ModelDirectoryOptions = {
  workers: { list(): Promise<readonly WorkerStatus[]> }
  configured: readonly ConfiguredModel[]
  /** How long a list of the workers is used, in milliseconds. Workers announce themselves every second. */
  cacheMs?: number
}

const purposes: Record<JobKind, string> = { generation: 'chat completions', embedding: 'embeddings' }

/** Which models there are, and which of them a live worker serves. */
export class ModelDirectory {
  readonly #options: ModelDirectoryOptions
  readonly #startedAtMs = Date.now()
  #cached: { workers: Promise<readonly WorkerStatus[]>; untilMs: number } | undefined

  constructor(options: ModelDirectoryOptions) {
    this.#options = options
  }

  /**
   * Throws `model_not_found` when nobody knows the model, `invalid_request` when it is for something else, and
   * `model_unavailable` when no live worker serves it.
   */
  async require(id: string, kind: JobKind): Promise<ServedModel> {
    const workers = await this.#workers()
    const served = workers.flatMap((worker) => worker.models).filter((model) => model.id === id)
    const match = served.find((model) => model.kind === kind)
    if (match !== undefined) return match
    const known = [...served, ...this.#options.configured].filter((model) => model.id === id)
    if (known.length === 0) throw notFound(id)
    if (known.some((model) => model.kind === kind)) throw unavailable(id)
    throw new Failure('invalid_request', `The model '${id}' is not for ${purposes[kind]}.`, { param: 'model' })
  }

  /** How fast the workers of a model are together; undefined while none has measured itself. */
  async tokensPerSecond(id: string): Promise<number | undefined> {
    const paces = (await this.#workers()).map(({ throughput }) => throughput?.[id] ?? 0)
    const sum = paces.reduce((total, pace) => total + pace, 0)
    return sum > 0 ? sum : undefined
  }

  /** Generations that could start at once, as the workers last said. */
  async freeSlots(id: string): Promise<number> {
    const free = (await this.#workers()).flatMap(({ models, busySlots }) =>
      models
        .filter((model) => model.id === id)
        .map(({ kind, slots }) => (kind === 'generation' ? slots - busySlots : slots)),
    )
    return free.reduce((total, slots) => total + Math.max(slots, 0), 0)
  }

  async list(): Promise<ModelObject[]> {
    const startedAtMs = new Map(this.#options.configured.map(({ id }) => [id, this.#startedAtMs]))
    for (const worker of await this.#workers()) {
      for (const { id } of worker.models) {
        startedAtMs.set(id, Math.min(startedAtMs.get(id) ?? worker.startedAtMs, worker.startedAtMs))
      }
    }
    return [...startedAtMs].map(([id, atMs]) => toModelObject(id, atMs))
  }

  async get(id: string): Promise<ModelObject> {
    const model = (await this.list()).find((each) => each.id === id)
    if (model === undefined) throw notFound(id)
    return model
  }

  /** Every model and kind that a queue may exist for. */
  async queues(): Promise<ConfiguredModel[]> {
    const all = [...this.#options.configured, ...(await this.#workers()).flatMap((worker) => worker.models)]
    return [...new Map(all.map(({ id, kind }) => [`${kind} ${id}`, { id, kind }])).values()]
  }

  /** One look-up at a time, its result used for a moment. */
  async #workers(): Promise<readonly WorkerStatus[]> {
    const now = performance.now()
    if (this.#cached === undefined || this.#cached.untilMs < now) {
      const workers = this.#options.workers.list()
      this.#cached = { workers, untilMs: now + (this.#options.cacheMs ?? 500) }
    }
    try {
      return (await this.#cached.workers).filter(({ draining }) => !draining)
    } catch (error) {
      this.#cached = undefined
      throw new Failure('queue_unavailable', 'The workers cannot be reached at the moment. Please try again.', {
        retryAfterSeconds: 1,
        cause: error,
      })
    }
  }
}

function toModelObject(id: string, startedAtMs: number): ModelObject {
  return { id, object: 'model', created: Math.floor(startedAtMs / 1000), owned_by: 'millrace' }
}

function notFound(id: string): Failure {
  return new Failure('model_not_found', `The model '${id}' does not exist.`, { param: 'model' })
}

function unavailable(id: string): Failure {
  const message = `No worker serves the model '${id}' at the moment. Please try again in a few seconds.`
  return new Failure('model_unavailable', message, { param: 'model', retryAfterSeconds: 5 })
}
