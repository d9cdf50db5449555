import type { Engine } from '@millrace/contracts/jobs'
import { type Llama, LlamaGrammarEvaluationState, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadLlama } from '../loading/load-llama.ts'
import { modelCard } from '../models/catalogue.ts'
import { ensureModel } from '../models/index.ts'
import { collect } from '../testing/collect.ts'
import { generationJob, modelsDir, testEngine } from '../testing/test-engine.ts'
import { acceptToken, canAcceptToken } from './accept-token.ts'
import { Grammars } from './grammars.ts'

describe('the native functions that this version of node-llama-cpp has and does not show', () => {
  let llama: Llama
  let model: LlamaModel

  beforeAll(async () => {
    llama = await loadLlama({ device: 'cpu', onWarning: () => undefined })
    llama.logLevel = LlamaLogLevel.disabled
    model = await llama.loadModel({
      modelPath: await ensureModel(modelCard('smollm2-135m-instruct'), { modelsDir, hfToken: undefined }),
    })
  })
  afterAll(() => llama.dispose())

  test('move a grammar on by tokens, and say which token fits', async () => {
    const grammar = await llama.createGrammar({ grammar: 'root ::= "{\\"a\\": " [0-9]+ "}"' })
    const state = new LlamaGrammarEvaluationState({ model, grammar })
    const [wrong] = model.tokenize('x')
    expect(wrong !== undefined && canAcceptToken(model, state, wrong)).toBe(false)
    for (const token of model.tokenize('{"a": 12}')) {
      expect(canAcceptToken(model, state, token)).toBe(true)
      acceptToken(model, state, token)
    }
    expect(new Grammars(model).isComplete(state)).toBe(true)
    expect(() => acceptToken(model, state, wrong as Token)).toThrow()
  })
})

describe('a generation under a grammar', () => {
  const never = new AbortController().signal
  const grammar = [
    'root ::= "{" ws "\\"name\\": " text "," ws "\\"size\\": " [1-9] [0-9]{0,3} ws "}"',
    'ws ::= " " | "\\n" " "{0,4}',
    'text ::= "\\"" [a-zA-Z é]{3,12} "\\""',
  ].join('\n')
  const job = generationJob('Describe a mill as JSON with a name and a size.', { grammar, maxTokens: 60 })
  let engine: Engine
  const run = (options: Partial<typeof job> = {}, resumeFrom?: { tokens: number[]; text: string }) =>
    collect(engine.generate({ ...job, ...options }, { signal: never, ...(resumeFrom && { resumeFrom }) }))

  beforeAll(async () => {
    engine = await testEngine()
  })
  afterAll(() => engine.close())

  test('ends with stop where the grammar ends', async () => {
    const { text, finished } = await run()
    expect(JSON.parse(text)).toEqual({ name: expect.any(String), size: expect.any(Number) })
    expect(finished.reason).toBe('stop')
  })

  test('ends with length where its tokens end, in the middle of the text', async () => {
    const whole = await run()
    const { text, finished } = await run({ maxTokens: 5 })
    expect(whole.text.startsWith(text)).toBe(true)
    expect(finished.reason).toBe('length')
  })

  test('goes on after any token of its log: the same text when greedy, a complete one when sampled', async () => {
    for (const temperature of [0, 1]) {
      const sampling = { ...job.sampling, temperature, seed: 7 }
      const whole = await run({ sampling })
      for (let cut = 1; cut <= whole.tokens.length; cut++) {
        const resumeFrom = { tokens: whole.tokens.slice(0, cut), text: whole.deltas.slice(0, cut).join('') }
        const rest = await run({ sampling }, resumeFrom)
        const text = resumeFrom.text + rest.text
        if (temperature === 0) expect(text, `cut after ${cut} tokens`).toBe(whole.text)
        expect(JSON.parse(text), text).toEqual({ name: expect.any(String), size: expect.any(Number) })
        expect(rest.finished.reason).toBe('stop')
      }
    }
  })

  test('stands beside others without one, and the grammar of each is its own', async () => {
    const plain = generationJob('Say hello.', { maxTokens: 8 })
    const alone = await collect(engine.generate(plain, { signal: never }))
    const [first, second, free] = await Promise.all([
      run(),
      run({ grammar: 'root ::= "yes" | "no"' }),
      collect(engine.generate(plain, { signal: never })),
    ])
    expect(JSON.parse(first.text)).toHaveProperty('size')
    expect(['yes', 'no']).toContain(second.text)
    expect(free.text).toBe(alone.text)
  })

  test('that the native library does not take is refused', async () => {
    await expect(run({ grammar: 'root ::= nowhere' })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'grammar',
    })
    expect(engine.busySlots()).toBe(0)
  })
})
