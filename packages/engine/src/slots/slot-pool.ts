import type { Token } from 'node-llama-cpp'
import { chooseSlot } from './choose-slot.ts'
import type { Slot } from './slot.ts'

type Waiter = { take: (slot: Slot) => void }

/** Hands out slots; who finds none free waits in order. */
export class SlotPool {
  readonly #slots: readonly Slot[]
  readonly #free: Set<Slot>
  readonly #waiters = new Set<Waiter>()
  #uses = 0

  constructor(slots: readonly Slot[]) {
    this.#slots = slots
    this.#free = new Set(slots)
  }

  get busy(): number {
    return this.#slots.length - this.#free.size
  }

  /** The free slot that suits the prompt best, once there is one. Throws the signal's reason when that aborts first. */
  async acquire(tokens: readonly Token[], signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted()
    const slot = chooseSlot([...this.#free], tokens)
    return slot ? this.#take(slot) : await this.#wait(signal)
  }

  release(slot: Slot): void {
    this.#free.add(slot)
    const [next] = this.#waiters
    if (!next) return
    this.#waiters.delete(next)
    next.take(this.#take(slot))
  }

  #take(slot: Slot): Slot {
    this.#free.delete(slot)
    slot.lastUse = ++this.#uses
    return slot
  }

  #wait(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters.delete(waiter)
        reject(signal.reason)
      }
      const waiter: Waiter = {
        take: (slot) => {
          signal.removeEventListener('abort', abort)
          resolve(slot)
        },
      }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}
