import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Failure } from '@millrace/contracts/failures'
import { type GenerationEvent, JobEvent } from '@millrace/contracts/jobs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect } from './collect.ts'
import { chat, deltasOf, engineWith, never, run, textOf, tokensOf } from './scripted/engine.fixture.ts'
import { scriptedText } from './scripted-engine.ts'

afterEach(() => void vi.unstubAllEnvs())

test('it serves both models under the names it was given', async () => {
  const { models } = await engineWith({ slots: 2, contextSize: 100 })
  expect(models).toEqual([
    { id: 'chat-model', kind: 'generation', contextSize: 100, slots: 2 },
    { id: 'vector-model', kind: 'embedding', contextSize: 512, slots: 2, dimensions: 384 },
  ])
})

describe('a generation', () => {
  test('has a start, one delta per token and one end, all as the contract says', async () => {
    const events = await run(await engineWith(), chat('Hello!'))
    expect(events.map((event) => JobEvent.parse(event))).toEqual(events)
    expect(events.map(({ type }) => type)).toEqual(['job-started', ...Array(40).fill('text-delta'), 'job-finished'])
    const usage = { promptTokens: 6, cachedTokens: 0, completionTokens: 40 }
    expect(events[0]).toMatchObject({ promptTokens: 6, cachedTokens: 0 })
    expect(events.at(-1)).toEqual({ type: 'job-finished', reason: 'stop', usage })
  })

  test('says the scripted text, which depends on the messages and on nothing else', async () => {
    const engine = await engineWith()
    const hello = chat('Hello!')
    const text = scriptedText({ messages: hello.messages }, 40)
    expect(textOf(await run(engine, hello))).toBe(text)
    expect(textOf(await run(engine, { ...hello, id: 'another', tenant: 'x', submittedAtMs: 5 }))).toBe(text)
    expect(textOf(await run(engine, chat('Hello?')))).not.toBe(text)
    expect(scriptedText(hello, 5)).toBe(textOf(await run(engine, { ...hello, maxTokens: 5 })))
  })

  test('has tokens that show nothing yet, and never half a character', async () => {
    const deltas = deltasOf(await run(await engineWith(), chat('Hello!')))
    expect(deltas.filter(({ text }) => text === '').length).toBeGreaterThan(0)
    expect(deltas.filter(({ text }) => !text.isWellFormed())).toEqual([])
    expect(deltas.some(({ text }) => text === '🌊')).toBe(true)
  })

  test('ends with length at maxTokens and at the end of the context window', async () => {
    const engine = await engineWith({ contextSize: 16 })
    const usage = (tokens: number) => ({ completionTokens: tokens })
    expect((await run(engine, chat('Hello!', { maxTokens: 3 }))).at(-1)).toMatchObject({
      reason: 'length',
      usage: usage(3),
    })
    expect((await run(engine, chat('Hello!'))).at(-1)).toMatchObject({ reason: 'length', usage: usage(10) })
  })

  test('a prompt that fills the context window is refused with both numbers', async () => {
    const refused = run(await engineWith({ contextSize: 16 }), chat('x'.repeat(400)))
    await expect(refused).rejects.toBeInstanceOf(Failure)
    await expect(refused).rejects.toMatchObject({ code: 'context_length_exceeded', message: /16.*104/ })
  })

  test('a stop string over token borders ends it and is not part of the text', async () => {
    const engine = await engineWith()
    const whole = scriptedText(chat('Hello!'), 40)
    for (let from = 5; from < whole.length - 12; from += 7) {
      const stop = whole.slice(from, from + 9)
      const events = await run(engine, chat('Hello!', { stop: ['never there', stop] }))
      expect(textOf(events)).toBe(whole.slice(0, whole.indexOf(stop)))
      expect(events.at(-1)).toMatchObject({ reason: 'stop', usage: { completionTokens: tokensOf(events).length } })
    }
  })

  test('text held back as a possible stop string is delivered when it ends otherwise', async () => {
    const whole = scriptedText(chat('Hello!'), 40)
    const events = await run(await engineWith(), chat('Hello!', { stop: [`${whole.slice(-6)} and more`] }))
    expect(textOf(events)).toBe(whole)
  })
})

describe('a generation that an earlier attempt began', () => {
  test('continues exactly from every cut, with stop strings too', async () => {
    const engine = await engineWith()
    const whole = scriptedText(chat('Hello!'), 40)
    for (const stop of [[], [whole.slice(30, 39)], [`${whole.slice(-6)} and more`]]) {
      const job = chat('Hello!', { stop })
      const uncut = await run(engine, job)
      const deltas = deltasOf(uncut)
      for (let cut = 0; cut <= deltas.length; cut++) {
        const before = deltas.slice(0, cut)
        const resumeFrom = { tokens: tokensOf(before), text: textOf(before) }
        const events = await collect(engine.generate(job, { signal: never, resumeFrom }))
        expect([...before, ...events.slice(1)]).toEqual(uncut.slice(1))
      }
    }
  })

  test.each([
    { tokens: [0, 0, 0], text: '' },
    { tokens: [], text: 'something else' },
  ])('refuses tokens or text of another job: %j', async (resumeFrom) => {
    const engine = await engineWith()
    const events = collect(engine.generate(chat('Hello!'), { signal: never, resumeFrom }))
    await expect(events).rejects.toThrow('the resume point is of another job')
    expect(engine.busySlots()).toBe(0)
  })
})

describe('prompts that ask for trouble', () => {
  test('[fail] makes the job throw after its start, and frees the slot', async () => {
    const engine = await engineWith()
    const events: GenerationEvent[] = []
    const reading = (async () => {
      for await (const event of engine.generate(chat('please [fail]'), { signal: never })) events.push(event)
    })()
    await expect(reading).rejects.toThrow('the prompt asked the scripted engine to fail')
    expect(events.map(({ type }) => type)).toEqual(['job-started'])
    expect(engine.busySlots()).toBe(0)
  })

  test('[crash] ends the process', async () => {
    const child = fork(new URL('./scripted/crash.fixture.ts', import.meta.url), { stdio: 'ignore' })
    expect(await once(child, 'exit')).toEqual([1, null])
  })
})
