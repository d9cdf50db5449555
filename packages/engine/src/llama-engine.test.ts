import { Failure } from '@millrace/contracts/failures'
import type { Engine } from '@millrace/contracts/jobs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect } from './testing/collect.ts'
import { embeddingJob, generationJob, testEngine } from './testing/test-engine.ts'

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

  test('a generation goes on after any token of its log as if nothing had happened', async () => {
    const whole = await run()
    for (let cut = 1; cut <= whole.tokens.length; cut += 3) {
      const resumeFrom = { tokens: whole.tokens.slice(0, cut), text: whole.deltas.slice(0, cut).join('') }
      const rest = await run(story, { resumeFrom })
      expect(resumeFrom.text + rest.text, `cut after ${cut} tokens`).toBe(whole.text)
      expect(rest.finished.usage.completionTokens).toBe(whole.tokens.length)
      expect(rest.finished.reason).toBe(whole.finished.reason)
    }
  })

  test('a generation that had shown everything but not said so ends without another token', async () => {
    const job = { ...story, stop: ['zzz', 'community'] }
    const whole = await run(job)
    expect(whole.finished.reason).toBe('stop')
    const rest = await run(job, { resumeFrom: { tokens: whole.tokens, text: whole.text } })
    expect(rest).toMatchObject({ text: '', tokens: [], finished: { reason: 'stop' } })
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

  test('more generations than slots all complete, each with its own text', async () => {
    const jobs = [2, 3, 4, 5, 6].map((n) => generationJob(`Say the number ${n} and nothing else.`, { maxTokens: 8 }))
    const alone = []
    for (const job of jobs) alone.push((await run(job)).text)
    const together = await Promise.all(jobs.map((job) => run(job)))
    expect(together.map(({ text }) => text)).toEqual(alone)
    expect(engine.busySlots()).toBe(0)
  })

  test('a prompt as long as the context is refused, with both numbers', async () => {
    const refused = run(generationJob('mill '.repeat(600)))
    await expect(refused).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
    await expect(refused).rejects.toThrow(/512 tokens, and the prompt has 6\d\d/)
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

  test('a long prompt does not stop a running generation: it goes on between the pieces', async () => {
    const order: string[] = []
    const running = (async () => {
      for await (const { type } of engine.generate({ ...story, maxTokens: 30 }, { signal: never })) order.push(type)
    })()
    const prompt = generationJob('word '.repeat(480), { maxTokens: 1 })
    const long = (async () => {
      for await (const { type } of engine.generate(prompt, { signal: never })) order.push(`long ${type}`)
    })()
    await Promise.all([running, long])
    expect(order.filter((type) => type === 'text-delta')).toHaveLength(30)
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
  })
})

describe('embeddings of the real model', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await testEngine()
  })
  afterAll(() => engine.close())

  async function embed(...inputs: Parameters<typeof embeddingJob>) {
    const vectors: number[][] = []
    let promptTokens = 0
    for await (const event of engine.embed(embeddingJob(...inputs), { signal: never })) {
      if (event.type === 'job-finished') promptTokens = event.usage.promptTokens
      if (event.type !== 'embedding-computed') continue
      const bytes = Buffer.from(event.vector, 'base64')
      vectors.push(Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index)))
    }
    return { vectors, promptTokens }
  }
  const cosine = (one: number[] = [], other: number[] = []) =>
    one.reduce((sum, value, index) => sum + value * (other[index] ?? Number.NaN), 0)

  test('vectors have unit length, and their cosine is the one of the original model', async () => {
    const { vectors, promptTokens } = await embed('A man is eating food.', 'A man is eating a piece of bread.')
    expect(cosine(vectors[0], vectors[0])).toBeCloseTo(1, 5)
    expect(cosine(vectors[0], vectors[1])).toBeCloseTo(0.754, 2)
    expect(promptTokens).toBe(19)
  })

  test('what looks like a control token in a text is text', async () => {
    const { promptTokens } = await embed('[SEP]')
    expect(promptTokens).toBeGreaterThan(3)
  })

  test.each([
    ['an empty text', '', 'invalid_request'],
    ['an unknown token', [30_600], 'invalid_request'],
    ['a text beyond the window', 'mill '.repeat(600), 'context_length_exceeded'],
  ])('%s is refused, naming the input, before anything is computed', async (_, input, code) => {
    await expect(embed('fine', input)).rejects.toMatchObject({ code, param: 'input[1]' })
  })
})
