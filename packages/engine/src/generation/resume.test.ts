import type { Engine } from '@millrace/contracts/jobs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect } from '../testing/collect.ts'
import { generationJob, testEngine } from '../testing/test-engine.ts'

const never = new AbortController().signal

describe('a generation that an earlier attempt began', () => {
  let engine: Engine
  const story = generationJob('Tell me a story about a mill.', { maxTokens: 40 })
  const run = (job = story, options: Partial<Parameters<Engine['generate']>[1]> = {}) =>
    collect(engine.generate(job, { signal: never, ...options }))

  beforeAll(async () => {
    engine = await testEngine()
  })
  afterAll(() => engine.close())

  test('goes on after any token of its log as if nothing had happened', async () => {
    const job = { ...story, maxTokens: 24 }
    const whole = await run(job)
    for (let cut = 1; cut <= whole.tokens.length; cut++) {
      const resumeFrom = { tokens: whole.tokens.slice(0, cut), text: whole.deltas.slice(0, cut).join('') }
      const rest = await run(job, { resumeFrom })
      expect(resumeFrom.text + rest.text, `cut after ${cut} tokens`).toBe(whole.text)
      expect(rest.finished.usage.completionTokens).toBe(whole.tokens.length)
      expect(rest.finished.reason).toBe(whole.finished.reason)
    }
  })

  test('goes on just so where nothing of it was computed before', async () => {
    const whole = await run()
    for (const cut of [1, 7, 20, 33]) {
      // Both slots are put to another use, so that the log's tokens are computed again as part of the prompt.
      const others = ['What is a river?', 'What is a wheel?'].map((text) => generationJob(text, { maxTokens: 60 }))
      await Promise.all(others.map((job) => run(job)))
      const resumeFrom = { tokens: whole.tokens.slice(0, cut), text: whole.deltas.slice(0, cut).join('') }
      const rest = await run(story, { resumeFrom })
      expect(rest.started.cachedTokens, 'the beginning of the prompt is common').toBeLessThan(30)
      expect(resumeFrom.text + rest.text, `cut after ${cut} tokens`).toBe(whole.text)
    }
  })

  test('begins with its start, also when the log lacks text that its tokens had made safe', async () => {
    const whole = await run()
    const types: string[] = []
    let text = ''
    const resumeFrom = { tokens: whole.tokens.slice(0, 9), text: whole.deltas.slice(0, 6).join('') }
    for await (const event of engine.generate(story, { signal: never, resumeFrom })) {
      types.push(event.type)
      if (event.type === 'text-delta') text += event.text
    }
    expect(types[0]).toBe('job-started')
    expect(types.filter((type) => type !== 'text-delta')).toEqual(['job-started', 'job-finished'])
    expect(resumeFrom.text + text).toBe(whole.text)
  })

  test('that had shown everything but not said so ends without another token', async () => {
    const job = { ...story, stop: ['zzz', 'community'] }
    const whole = await run(job)
    expect(whole.finished.reason).toBe('stop')
    const rest = await run(job, { resumeFrom: { tokens: whole.tokens, text: whole.text } })
    expect(rest).toMatchObject({ text: '', tokens: [], finished: { reason: 'stop' } })
  })
})
