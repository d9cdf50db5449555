import { Failure } from '@millrace/contracts/failures'
import type { Engine } from '@millrace/contracts/jobs'
import { eventually } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect } from './testing/collect.ts'
import { generationJob, testEngine } from './testing/test-engine.ts'

const never = new AbortController().signal

describe('generations of the real model', () => {
  let engine: Engine
  const story = generationJob('Tell me a story about a mill.', { maxTokens: 40 })
  const run = (job = story, options: Partial<Parameters<Engine['generate']>[1]> = {}) =>
    collect(engine.generate(job, { signal: never, ...options }))

  beforeAll(async () => {
    engine = await testEngine()
  })
  afterAll(() => engine.close())

  test('an answer ends at the end-of-turn token, which is neither shown nor counted', async () => {
    const { text, tokens, finished } = await run(
      generationJob('What is the capital of France? Answer in one sentence.'),
    )
    expect(text).toBe('The capital of France is Paris.')
    expect(finished).toMatchObject({ reason: 'stop', usage: { completionTokens: tokens.length } })
  })

  test('a stop string ends the text before it, also where it spans tokens', async () => {
    const whole = await run()
    const stop = whole.text.slice(20, 29)
    const stopped = await run({ ...story, stop: [stop] })
    expect(stopped.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)))
    expect(stopped.finished.reason).toBe('stop')
  })

  test('text held back as the beginning of a stop string is delivered when the limit ends the generation', async () => {
    const whole = await run({ ...story, maxTokens: 12 })
    const held = await run({ ...story, maxTokens: 12, stop: [`${whole.text.slice(-6)} and what never comes`] })
    expect(held.text).toBe(whole.text)
    expect(held.finished.reason).toBe('length')
  })

  test('the second turn of a chat computes nothing of the first again', async () => {
    const first = await run(generationJob('Hello there! My name is Ada, I live beside a mill.'))
    const second = await run({
      ...story,
      messages: [
        { role: 'user', text: 'Hello there! My name is Ada, I live beside a mill.' },
        { role: 'assistant', text: first.text },
        { role: 'user', text: 'What is my name?' },
      ],
    })
    expect(second.started.cachedTokens).toBeGreaterThanOrEqual(first.started.promptTokens)
  })

  test('the default system prompt of the template is used, unless the chat brings its own', async () => {
    const bare = await run(generationJob('Hi', { maxTokens: 1 }))
    const own = await run({
      ...generationJob('Hi', { maxTokens: 1 }),
      messages: [
        { role: 'system', text: 'Be kind.' },
        { role: 'user', text: 'Hi' },
      ],
    })
    expect(bare.started.promptTokens).toBeGreaterThan(own.started.promptTokens)
  })

  test('a prompt as long as the context is refused, with both numbers', async () => {
    const refused = run(generationJob('mill '.repeat(600)))
    await expect(refused).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
    await expect(refused).rejects.toThrow(/512 tokens, and the prompt has 6\d\d/)
  })

  test('a prompt that cannot fit by far is refused without being tokenised', async () => {
    const refused = run(generationJob('mill '.repeat(100_000)))
    await expect(refused).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
    await expect(refused).rejects.toThrow(/512 tokens, and the prompt has at least \d{4}\./)
  })

  test('spaces around a text do not count as prompt where the template drops them', async () => {
    await expect(run(generationJob(`${' '.repeat(200_000)}Hi`))).rejects.toThrow(/has \d+\./)
  })

  test('a generation stops with reason length where the context ends', async () => {
    const { started, finished } = await run(generationJob('mill '.repeat(460), { maxTokens: 400, stop: [] }))
    if (finished.reason === 'length') {
      expect(started.promptTokens + finished.usage.completionTokens).toBe(512)
    } else {
      expect(started.promptTokens + finished.usage.completionTokens).toBeLessThan(512)
    }
  })

  test('an abort ends a generation with its reason and frees the slot for the next one', async () => {
    const controller = new AbortController()
    const reason = new Failure('cancelled', 'the client left')
    const aborted = (async () => {
      for await (const event of engine.generate({ ...story, maxTokens: 400 }, { signal: controller.signal })) {
        if (event.type === 'text-delta') controller.abort(reason)
      }
    })()
    await expect(aborted).rejects.toBe(reason)
    expect(engine.busySlots()).toBe(0)
    const whole = await run()
    expect((await run()).text).toBe(whole.text)
  })

  test('a reader that stops reading in the middle frees the slot', async () => {
    for await (const event of engine.generate(story, { signal: never })) if (event.type === 'text-delta') break
    expect(engine.busySlots()).toBe(0)
  })

  test('penalties of both signs are honoured', async () => {
    const penalised = async (frequencyPenalty: number) =>
      (await run({ ...story, sampling: { ...story.sampling, frequencyPenalty } })).text
    const [none, less, more] = [await penalised(0), await penalised(2), await penalised(-2)]
    expect(new Set([none, less, more]).size).toBe(3)
    const words = more.split(' ')
    expect(new Set(words).size, 'a negative penalty makes the model repeat itself').toBeLessThan(words.length / 2)
  })

  test('the same seed draws the same text, another seed another one', async () => {
    const sampled = async (seed: number) =>
      (await run({ ...story, sampling: { ...story.sampling, temperature: 1.5, seed } })).text
    expect(await sampled(42)).toBe(await sampled(42))
    expect(await sampled(43)).not.toBe(await sampled(42))
    const highest = 2 ** 32 - 1
    expect(await sampled(highest), 'which the native library would take for none').toBe(await sampled(highest))
  })
})

describe('close', () => {
  test('ends what runs and what waits, refuses what comes later, and may be called twice', async () => {
    const engine = await testEngine({ slots: 1 })
    const job = generationJob('Tell me a story about a mill.', { maxTokens: 400 })
    let deltas = 0
    const running = (async () => {
      for await (const { type } of engine.generate(job, { signal: never })) if (type === 'text-delta') deltas++
    })()
    await eventually(() => deltas > 0)
    const waiting = collect(engine.generate(job, { signal: never }))
    const ended = Promise.allSettled([running, waiting])
    await Promise.all([engine.close(), engine.close()])
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(collect(engine.generate(job, { signal: never }))).rejects.toThrow()
  })
})
