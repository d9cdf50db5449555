import type { LlamaContext } from 'node-llama-cpp'
import { runningFirst } from '../batching/running-first.ts'
import { StepScheduler } from '../batching/step-scheduler.ts'
import { Slot } from '../slots/slot.ts'
import { SlotPool } from '../slots/slot-pool.ts'

/** What node-llama-cpp's `createContext` needs from us; the rest is the creator's. */
export type ContextOptions = {
  flashAttention: 'auto' | false
  batching: { itemPrioritizationStrategy: typeof runningFirst }
}

/** A context in use, with its slots. */
export type LiveContext = { readonly context: LlamaContext; readonly slots: SlotPool; readonly steps: StepScheduler }

export type CreateContext = (options: ContextOptions) => Promise<LlamaContext>

/** The context of a model, and its replacement when it fails at run time. */
export class ContextHost {
  readonly #createContext: CreateContext
  readonly #onWarning: (message: string) => void
  #live: LiveContext
  #replacing: Promise<void> | undefined
  #mayReplace = true

  private constructor(live: LiveContext, createContext: CreateContext, onWarning: (message: string) => void) {
    this.#live = live
    this.#createContext = createContext
    this.#onWarning = onWarning
  }

  static async create(createContext: CreateContext, onWarning: (message: string) => void): Promise<ContextHost> {
    return new ContextHost(await build(createContext, 'auto'), createContext, onWarning)
  }

  get live(): LiveContext {
    return this.#live
  }

  /**
   * Builds the context again without flash attention, which some devices and models fail with. All generations that
   * ran on `broken` call this, and go on in the one new context. Throws `cause` when that has been tried already, or
   * the host is closed.
   */
  async replace(broken: LiveContext, cause: unknown): Promise<void> {
    if (this.#live !== broken) return
    this.#replacing ??= this.#rebuild(cause).finally(() => {
      this.#replacing = undefined
    })
    await this.#replacing
  }

  async close(): Promise<void> {
    this.#mayReplace = false
    await this.#live.context.dispose()
  }

  async #rebuild(cause: unknown): Promise<void> {
    if (!this.#mayReplace) throw cause
    this.#mayReplace = false
    this.#onWarning(`decoding failed (${String(cause)}); building the context again without flash attention`)
    // First give its memory back: two contexts need not fit.
    await this.#live.context.dispose()
    this.#live = await build(this.#createContext, false)
  }
}

async function build(createContext: CreateContext, flashAttention: 'auto' | false): Promise<LiveContext> {
  const context = await createContext({ flashAttention, batching: { itemPrioritizationStrategy: runningFirst } })
  const slots = Array.from({ length: context.totalSequences }, (_, id) => new Slot(id, context.getSequence()))
  return { context, slots: new SlotPool(slots), steps: new StepScheduler(context.batchSize) }
}
