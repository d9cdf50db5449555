import type { Engine } from '@millrace/contracts/jobs'
import { eventually } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect } from '../testing/collect.ts'
import { generationJob, testEngine } from '../testing/test-engine.ts'

const never = new AbortController().signal

describe('generations beside one another', () => {
  let engine: Engine
  const story = generationJob('Tell me a story about a mill.', { maxTokens: 600 })

  beforeAll(async () => {
    engine = await testEngine({ slots: 2, contextSize: 2048 })
  })
  afterAll(() => engine.close())

  test('more generations than slots all complete, each with its own text', async () => {
    const jobs = [2, 3, 4, 5, 6].map((n) => generationJob(`Say the number ${n} and nothing else.`, { maxTokens: 8 }))
    const alone = []
    for (const job of jobs) alone.push((await collect(engine.generate(job, { signal: never }))).text)
    const together = await Promise.all(jobs.map((job) => collect(engine.generate(job, { signal: never }))))
    expect(together.map(({ text }) => text)).toEqual(alone)
    expect(engine.busySlots()).toBe(0)
  })

  test('a prompt of several batches does not stop a running generation: it goes on between the pieces', async () => {
    const stop = new AbortController()
    const order: string[] = []
    const running = (async () => {
      for await (const { type } of engine.generate(story, { signal: stop.signal })) order.push(type)
    })()
    await eventually(() => order.length > 2)
    for await (const { type } of engine.generate(generationJob('word '.repeat(1700), { maxTokens: 1 }), {
      signal: never,
    }))
      order.push(`long ${type}`)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    const between = order.slice(order.indexOf('long job-started') + 1, order.indexOf('long text-delta'))
    expect(between.filter((type) => type === 'text-delta').length).toBeGreaterThanOrEqual(2)
  })

  test('a reader that does not come back holds nobody up', async () => {
    const idle = engine.generate(story, { signal: never })[Symbol.asyncIterator]()
    while ((await idle.next()).value?.type !== 'text-delta');
    const { tokens } = await collect(engine.generate({ ...story, maxTokens: 20 }, { signal: never }))
    expect(tokens).toHaveLength(20)
    await idle.return?.()
    expect(engine.busySlots()).toBe(0)
  })
})
