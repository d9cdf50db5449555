import type { CreateEngine } from '@millrace/contracts/jobs'
import { DecodeClock } from './scripted/decode-clock.ts'
import { readPace } from './scripted/read-pace.ts'
import { ScriptedEngine } from './scripted/scripted-engine.ts'

export { countPromptTokens as scriptedPromptTokens } from './scripted/count-tokens.ts'
export { scriptedText } from './scripted/script.ts'
export { scriptedVector } from './scripted/scripted-vector.ts'

/**
 * An engine without weights, for tests and load runs: what it says is a function of the messages alone. All running
 * generations decode in lockstep. `SCRIPTED_TOKENS` (default 32) is the length of a whole answer,
 * `SCRIPTED_TOKENS_PER_SECOND` (default 50) the pace of each slot, 0 for as fast as the machine can.
 *
 * A prompt with `[fail]` in it makes the job throw, one with `[crash]` ends the process.
 *
 * @throws Error when one of the two variables is not a number.
 */
export const createEngine: CreateEngine = async (options) => {
  const { tokens, tokensPerSecond } = readPace(process.env)
  return new ScriptedEngine({ ...options, answerTokens: tokens, clock: new DecodeClock(tokensPerSecond) })
}
