import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { beginStream } from './begin-stream.ts'

async function collect<T>(iterator: AsyncIterator<T>): Promise<T[]> {
  const items: T[] = []
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) items.push(step.value)
  return items
}

test('the first item is not lost', async () => {
  async function* source() {
    yield* [1, 2, 3]
  }
  const { items, isWaiting } = await beginStream(source(), 1000)
  expect(isWaiting).toBe(false)
  expect(await collect(items)).toEqual([1, 2, 3])
})

test('an early error is thrown at once', async () => {
  async function* source(): AsyncGenerator<number> {
    throw new Error('early')
  }
  await expect(beginStream(source(), 60_000)).rejects.toThrow('early')
})

test('a late first item begins the stream without it, and is delivered', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* source() {
    await promise
    yield 1
  }
  const { items, isWaiting } = await beginStream(source(), 10)
  expect(isWaiting).toBe(true)
  resolve()
  expect(await collect(items)).toEqual([1])
})

test('a late error reaches whoever reads', async () => {
  async function* source(): AsyncGenerator<number> {
    await sleep(30)
    throw new Error('late')
  }
  const { items } = await beginStream(source(), 5)
  await expect(items.next()).rejects.toThrow('late')
})
