import type { LlamaContextSequence, Token } from 'node-llama-cpp'

/** One sequence of a context, made once and kept: its computed state is what makes a chat's next turn fast. */
export class Slot {
  readonly id: number
  readonly sequence: LlamaContextSequence
  /** Rises with each use over all slots; 0 for a slot that was never used. */
  lastUse = 0

  constructor(id: number, sequence: LlamaContextSequence) {
    this.id = id
    this.sequence = sequence
  }

  /** How many leading tokens need not be computed again. */
  sharedPrefix(tokens: readonly Token[]): number {
    return this.sequence.compareContextTokens([...tokens]).firstDifferentIndex
  }

  /** Tokens whose state the slot holds. */
  get size(): number {
    return this.sequence.nextTokenIndex
  }

  /** Drops what does not fit `tokens`, and returns how many of them remain; the last one always has to be computed. */
  async keepPrefix(tokens: readonly Token[]): Promise<number> {
    await this.sequence.adaptStateToTokens(tokens.slice(0, -1), false)
    return this.sequence.nextTokenIndex
  }
}
