import { Failure } from '@millrace/contracts/failures'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect } from '../collect.ts'
import { eventually } from '../eventually.ts'
import { chat, engineWith, never, run } from './engine.fixture.ts'
import { scriptedText } from './script.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('slots and signals', () => {
  test('no more generations run than there are slots, and all of them end', async () => {
    const engine = await engineWith({ slots: 3 })
    let most = 0
    const texts = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        let text = ''
        for await (const event of engine.generate(chat(`chat ${index}`), { signal: never })) {
          most = Math.max(most, engine.busySlots())
          if (event.type === 'text-delta') text += event.text
        }
        return text
      }),
    )
    expect(most).toBe(3)
    expect(engine.busySlots()).toBe(0)
    expect(texts).toEqual(texts.map((_, index) => scriptedText(chat(`chat ${index}`), 40)))
  })

  test('running generations decode in lockstep', async () => {
    const engine = await engineWith({ perSecond: 200 })
    const order: string[] = []
    const follow = async (name: string) => {
      for await (const event of engine.generate(chat(name), { signal: never })) {
        if (event.type === 'text-delta') order.push(name)
      }
    }
    await Promise.all([follow('a'), follow('b'), follow('c')])
    const ahead = (name: string, until: number) => order.slice(0, until).filter((other) => other === name).length
    for (let until = 1; until <= order.length; until++) {
      const counts = ['a', 'b', 'c'].map((name) => ahead(name, until))
      // A late timer lets several tokens come on one beat.
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3)
    }
  })

  test('an aborted signal ends it within one token, with the reason, and frees the slot', async () => {
    const engine = await engineWith({ tokens: 100_000 })
    const controller = new AbortController()
    const reason = new Failure('cancelled', 'The client went away.')
    let after = 0
    const reading = (async () => {
      for await (const event of engine.generate(chat('Hello!', { maxTokens: 100_000 }), controller)) {
        if (controller.signal.aborted) after += 1
        if (event.type === 'text-delta') controller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    expect(after).toBe(0)
    expect(engine.busySlots()).toBe(0)
  })

  test('a job that is cancelled while it waits for a slot never starts', async () => {
    const engine = await engineWith({ slots: 1, tokens: 100_000 })
    const running = new AbortController()
    const waiting = new AbortController()
    const long = chat('Hello!', { maxTokens: 100_000 })
    const first = collect(engine.generate(long, running)).catch((error: unknown) => error)
    await eventually(() => engine.busySlots() === 1)
    const second = collect(engine.generate(long, waiting))
    waiting.abort(new Error('cancelled'))
    await expect(second).rejects.toThrow('cancelled')
    running.abort()
    await first
    expect(engine.busySlots()).toBe(0)
  })

  test('a reader that leaves frees the slot', async () => {
    const engine = await engineWith()
    for await (const event of engine.generate(chat('Hello!'), { signal: never })) if (event.type === 'text-delta') break
    expect(engine.busySlots()).toBe(0)
  })

  test('without a pace, the event loop still gets its turns', async () => {
    const engine = await engineWith({ tokens: 2000 })
    let turns = 0
    const ticking = setInterval(() => {
      turns += 1
    }, 0)
    await run(engine, chat('Hello!', { maxTokens: 2000 }))
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(0)
  })

  test('closing it ends what runs and what waits', async () => {
    const engine = await engineWith({ slots: 1, tokens: 100_000 })
    const jobs = [1, 2].map(() => run(engine, chat('Hello!', { maxTokens: 100_000 })))
    await eventually(() => engine.busySlots() === 1)
    const outcomes = Promise.allSettled(jobs)
    await engine.close()
    const rejected = { status: 'rejected', reason: new Error('the scripted engine is closed') }
    expect(await outcomes).toEqual([rejected, rejected])
  })
})
