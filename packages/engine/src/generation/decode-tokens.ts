import type { SequenceEvaluateOptions, Token } from 'node-llama-cpp'
import type { Seat } from '../batching/step-scheduler.ts'
import type { Slot } from '../slots/slot.ts'

/** The native library failed in a decode; the context can no longer be trusted. */
export class DecodeError extends Error {
  constructor(cause: unknown) {
    super(`decoding failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'DecodeError'
  }
}

export type DecodeOptions = {
  slot: Slot
  seat: Seat
  /** All tokens that are to precede the first new one; the slot holds a part of them already. */
  tokens: readonly Token[]
  /** How many tokens at the end of these are computed one by one; the others as many at once as there is room for. */
  oneByOne: number
  sampling: SequenceEvaluateOptions
  signal: AbortSignal
}

/**
 * Computes the prompt in pieces that leave room for the running generations, then yields token after token. Ends at an
 * end-of-generation token, which it does not yield.
 */
export async function* decodeTokens(options: DecodeOptions): AsyncGenerator<Token> {
  const { slot, seat, tokens, oneByOne, sampling, signal } = options
  let rest = tokens.slice(slot.size)
  const turn = () => seat.turn(Math.max(1, rest.length - oneByOne), signal)
  for (let amount = await turn(); amount < rest.length; amount = await turn()) {
    await inTurn(seat, slot.sequence.evaluateWithoutGeneratingNewTokens(rest.slice(0, amount)))
    rest = rest.slice(amount)
  }
  const generated = slot.sequence.evaluate(rest, sampling)
  try {
    while (true) {
      const { done, value } = await inTurn(seat, generated.next())
      if (done) return
      yield value
      await seat.turn(1, signal)
    }
  } finally {
    await generated.return()
  }
}

async function inTurn<T>(seat: Seat, evaluation: Promise<T>): Promise<T> {
  try {
    return await evaluation
  } catch (error) {
    throw new DecodeError(error)
  } finally {
    seat.done()
  }
}
