/**
 * Waits a moment for the first item, so that an early error is thrown here, where it can still become the status of
 * the answer. After `waitMs` the stream begins without it, and `isWaiting`.
 */
export async function beginStream<T>(
  source: AsyncIterator<T>,
  waitMs: number,
): Promise<{ items: AsyncIterator<T>; isWaiting: boolean }> {
  const first = source.next()
  const { promise: waited, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(true), waitMs)
  let isWaiting: boolean
  try {
    isWaiting = await Promise.race([first.then(() => false), waited])
  } finally {
    clearTimeout(timer)
  }
  let next: Promise<IteratorResult<T>> | undefined = first
  const items: AsyncIterator<T> = {
    next() {
      const result = next ?? source.next()
      next = undefined
      return result
    },
    async return() {
      return (await source.return?.()) ?? { done: true, value: undefined }
    },
  }
  return { items, isWaiting }
}
