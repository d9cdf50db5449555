/**
 * Waits a moment for the first item, so that an early error is thrown here, where it can still become the status of
 * the answer. After `waitMs` the stream begins without it.
 */
export async function beginStream<T>(source: AsyncIterator<T>, waitMs: number): Promise<AsyncIterator<T>> {
  const first = source.next()
  const { promise: waited, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, waitMs)
  try {
    await Promise.race([first, waited])
  } finally {
    clearTimeout(timer)
  }
  let next: Promise<IteratorResult<T>> | undefined = first
  return {
    next() {
      const result = next ?? source.next()
      next = undefined
      return result
    },
    async return() {
      return (await source.return?.()) ?? { done: true, value: undefined }
    },
  }
}
