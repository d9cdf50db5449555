/**
 * Passes items on. When the consumer leaves early the source is not ended with it: it runs on to its own end, its
 * items unread.
 */
export async function* outliveReader<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let isOver = false
  try {
    while (true) {
      const { value, done } = await source.next()
      isOver = done === true
      if (done) return
      yield value
    }
  } catch (error) {
    isOver = true
    throw error
  } finally {
    if (!isOver) void drain(source)
  }
}

/** How it ends is accounted for inside the source; nobody is left to be told. */
async function drain(source: AsyncGenerator<unknown>): Promise<void> {
  try {
    while (!(await source.next()).done);
  } catch {
    return
  }
}
