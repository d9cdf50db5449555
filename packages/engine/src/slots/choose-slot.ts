import type { Token } from 'node-llama-cpp'
import type { Slot } from './slot.ts'

/** A token thrown away may never be asked for again; one that is reused is time saved now. */
const lossWeight = 0.5

/**
 * The free slot for a prompt: the one whose state saves most, less half of what would be thrown away there. When none
 * is worth anything, the one unused for the longest time, so that the state of living chats stays. Ties go to the
 * lowest id, which keeps a batch's sequence ids together.
 */
export function chooseSlot(free: readonly Slot[], tokens: readonly Token[]): Slot | undefined {
  const rated = free.map((slot) => ({ slot, benefit: benefit(slot, tokens) }))
  rated.sort((one, other) => other.benefit - one.benefit || one.slot.id - other.slot.id)
  const best = rated[0]
  if (best && best.benefit > 0) return best.slot
  return free.toSorted((one, other) => one.lastUse - other.lastUse || one.id - other.id)[0]
}

function benefit(slot: Slot, tokens: readonly Token[]): number {
  const shared = slot.sharedPrefix(tokens)
  return shared - lossWeight * (slot.size - shared)
}
