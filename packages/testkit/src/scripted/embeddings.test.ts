import { type EmbeddingJob, type Engine, JobEvent } from '@millrace/contracts/jobs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect } from '../collect.ts'
import { engineWith, envelope, never } from './engine.fixture.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('embeddings', () => {
  const embed = (engine: Engine, inputs: EmbeddingJob['inputs']) =>
    collect(engine.embed({ ...envelope, kind: 'embedding', model: 'vector-model', inputs }, { signal: never }))

  const decode = (vector: string) => {
    const bytes = Buffer.from(vector, 'base64')
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
  }

  test('vectors come in order, have length 1 and depend on nothing but the input', async () => {
    const engine = await engineWith()
    const events = await embed(engine, ['one', 'two', 'one', [1, 2], [12]])
    expect(events.map((event) => JobEvent.parse(event))).toEqual(events)
    const computed = events.filter((event) => event.type === 'embedding-computed')
    expect(computed.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    const vectors = computed.map(({ vector }) => vector)
    expect(new Set(vectors).size).toBe(4)
    expect(vectors[2]).toBe(vectors[0])
    for (const vector of vectors) expect(Math.hypot(...decode(vector))).toBeCloseTo(1, 5)
    expect(decode(vectors[0] ?? '')).toHaveLength(384)
    expect(events.at(-1)).toMatchObject({ reason: 'stop', usage: { promptTokens: 6, completionTokens: 0 } })
  })

  test('an aborted signal ends them', async () => {
    const engine = await engineWith()
    const job = { ...envelope, kind: 'embedding' as const, model: 'vector-model', inputs: ['a'] }
    const aborted = collect(engine.embed(job, { signal: AbortSignal.abort(new Error('gone')) }))
    await expect(aborted).rejects.toThrow('gone')
  })
})
