import {
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Grammars } from '../grammar/grammars.ts'
import { loadLlama } from '../loading/load-llama.ts'
import { modelCard } from '../models/catalogue.ts'
import { ensureModel } from '../models/index.ts'
import { collect } from '../testing/collect.ts'
import { generationJob, modelsDir } from '../testing/test-engine.ts'
import { ContextHost } from './context-host.ts'
import { generate } from './generate.ts'
import { PromptRenderer } from './prompt-renderer.ts'

const job = generationJob('Tell me a story about a mill.', { maxTokens: 20 })
const signal = new AbortController().signal

describe('a context that fails in a decode', () => {
  let llama: Llama
  let model: LlamaModel

  beforeAll(async () => {
    llama = await loadLlama({ device: 'cpu', onWarning: () => undefined })
    llama.logLevel = LlamaLogLevel.disabled
    const modelPath = await ensureModel(modelCard('smollm2-135m-instruct'), { modelsDir, hfToken: undefined })
    model = await llama.loadModel({ modelPath })
  })
  afterAll(() => llama.dispose())

  /** The first `failing` contexts fail after some tokens of a sequence. */
  async function hostWith(failing: number) {
    const flashAttention: unknown[] = []
    const warnings: string[] = []
    const host = await ContextHost.create(
      async (options) => {
        flashAttention.push(options.flashAttention)
        const context = await model.createContext({ ...options, sequences: 2, contextSize: 512, threads: 1 })
        return flashAttention.length <= failing ? failingAfter(7, context) : context
      },
      (message) => warnings.push(message),
    )
    const run = (one = job) =>
      collect(
        generate({ model, host, prompts: new PromptRenderer(model), grammars: new Grammars(model) }, one, { signal }),
      )
    return { host, run, flashAttention, warnings }
  }

  test('is built again without flash attention, and the generation goes on without a seam', async () => {
    const sound = await hostWith(0)
    const whole = await sound.run()
    await sound.host.close()
    const { host, run, flashAttention, warnings } = await hostWith(1)
    expect(await run()).toMatchObject({ text: whole.text, tokens: whole.tokens, finished: whole.finished })
    expect(flashAttention).toEqual(['auto', false])
    expect(warnings).toHaveLength(1)
    await host.close()
  })

  test('is built again, and a generation under a grammar goes on at its place in it', async () => {
    const grammar = 'root ::= "[" ([1-9] [0-9]{0,4} ", "){12} "0]"'
    const { host, run, flashAttention } = await hostWith(1)
    const { text, finished } = await run({ ...job, grammar, maxTokens: 120 })
    expect(JSON.parse(text)).toHaveLength(13)
    expect(finished.reason).toBe('stop')
    expect(flashAttention).toEqual(['auto', false])
    await host.close()
  })

  test('is built again once for all its generations, also for those that waited for a slot', async () => {
    const { host, run, flashAttention } = await hostWith(1)
    for (const { text, tokens } of await Promise.all([run(), run(), run()])) {
      expect(tokens).toHaveLength(20)
      expect(model.detokenize(tokens as Token[])).toBe(text)
    }
    expect(flashAttention).toEqual(['auto', false])
    expect(host.live.slots.busy).toBe(0)
    await host.close()
  })

  test('is not built again for ever: when it still fails, the generation fails', async () => {
    const { host, run } = await hostWith(2)
    await expect(run()).rejects.toThrow('injected fault')
    expect(host.live.slots.busy).toBe(0)
    await host.close()
  })
})

function failingAfter(tokens: number, context: LlamaContext): LlamaContext {
  const getSequence = context.getSequence.bind(context)
  context.getSequence = (options) => {
    const sequence = getSequence(options)
    sequence.evaluate = failingEvaluate(sequence, tokens)
    return sequence
  }
  return context
}

function failingEvaluate(sequence: LlamaContextSequence, tokens: number): LlamaContextSequence['evaluate'] {
  const evaluate = sequence.evaluate.bind(sequence)
  return async function* (...input) {
    let count = 0
    for await (const token of evaluate(...input)) {
      if (++count > tokens) throw new Error('injected fault')
      yield token
    }
  }
}
