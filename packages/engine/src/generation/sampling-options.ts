import type { Sampling } from '@millrace/contracts/jobs'
import type { SequenceEvaluateOptions, Token } from 'node-llama-cpp'

/** The native sampler takes an unsigned 32-bit seed; the highest one means "any" to it, so it is left out. */
const seeds = 2 ** 32 - 1

/**
 * No top-k step at all. The library reads only `undefined` as its default of 40, and makes of 0 a step that sorts the
 * whole vocabulary for every token: that cost a third of all tokens/s at eight streams. Its types do not know null.
 */
const noTopK = null as unknown as number

/**
 * OpenAI's sampling as node-llama-cpp's options. What OpenAI does not have (top-k, min-p, repeat penalty) is switched
 * off: the library's own defaults are others.
 */
export function samplingOptions(
  sampling: Sampling,
  output: { readonly tokens: Token[] },
  maxTokens: number,
): SequenceEvaluateOptions {
  const { temperature, topP, presencePenalty, frequencyPenalty, seed } = sampling
  const penalised = presencePenalty !== 0 || frequencyPenalty !== 0
  return {
    temperature,
    topP,
    topK: noTopK,
    minP: 0,
    // A continued generation must not draw the same numbers again that its beginning was drawn with.
    seed: (seed + output.tokens.length) % seeds,
    ...(penalised && {
      repeatPenalty: {
        penalty: 1,
        presencePenalty,
        frequencyPenalty,
        punishTokens: () => output.tokens,
        // OpenAI's penalties look at the whole completion; the library would look at the last 64 tokens.
        maxPunishTokens: maxTokens,
      },
    }),
  }
}
