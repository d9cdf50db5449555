import { setImmediate as turn } from 'node:timers/promises'
import { collect } from '@millrace/testkit'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { mergeIterables } from './merge-iterables.ts'

async function* source<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    if (Math.random() < 0.5) await turn()
    yield item
  }
}

test('every item of every source comes once, and each source in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat())), async (lists) => {
      const sources = lists.map((list, index) => source(list.map((item) => ({ index, item }))))
      const merged = await collect(mergeIterables(sources))
      const apart = lists.map((_, index) => merged.filter((each) => each.index === index).map(({ item }) => item))
      expect(apart).toEqual(lists)
    }),
    { numRuns: 50 },
  )
})

test('a source that is silent does not hold up the others', async () => {
  const silent: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }
  const merged = mergeIterables([silent, source([1, 2])])
  expect(await merged.next()).toEqual({ value: 1, done: false })
  expect(await merged.next()).toEqual({ value: 2, done: false })
  await merged.return(undefined)
})

test('at most one item of a source is taken ahead', async () => {
  const next = vi.fn(async () => ({ value: 1, done: false }))
  const merged = mergeIterables([{ [Symbol.asyncIterator]: () => ({ next }) }])
  await merged.next()
  await merged.next()
  expect(next.mock.calls.length).toBeLessThanOrEqual(2)
})

test('an error of one source ends the others', async () => {
  const ended = vi.fn()
  async function* endless() {
    try {
      for (;;) yield await turn(1)
    } finally {
      ended()
    }
  }
  async function* failing(): AsyncGenerator<number> {
    await turn()
    throw new Error('broken')
  }
  await expect(collect(mergeIterables([endless(), failing()]))).rejects.toThrow('broken')
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
})
