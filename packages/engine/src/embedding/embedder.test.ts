import type { Engine } from '@millrace/contracts/jobs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddingJob, testEngine } from '../testing/test-engine.ts'

const never = new AbortController().signal

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
