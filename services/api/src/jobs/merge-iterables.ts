type Arrival<T> = { iterator: AsyncIterator<T>; result: IteratorResult<T> } | { error: unknown }

/**
 * The items of several sources as they come. Every source is asked for its next item only after its last one was
 * taken, so at most one item of each is held. A source's error ends the whole; leaving early ends all sources.
 */
export async function* mergeIterables<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const arrivals: Arrival<T>[] = []
  let wake: () => void = () => undefined
  const arrive = (arrival: Arrival<T>) => {
    arrivals.push(arrival)
    wake()
  }
  const request = (iterator: AsyncIterator<T>) => {
    iterator.next().then(
      (result) => arrive({ iterator, result }),
      (error: unknown) => arrive({ error }),
    )
  }
  iterators.forEach(request)
  let running = iterators.length
  try {
    while (running > 0) {
      const arrival = arrivals.shift()
      if (arrival === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else if ('error' in arrival) {
        throw arrival.error
      } else if (arrival.result.done) {
        running--
      } else {
        yield arrival.result.value
        request(arrival.iterator)
      }
    }
  } finally {
    // Not awaited: a source that waits for its next item ends when its own signal says so.
    for (const iterator of iterators) iterator.return?.().catch(() => undefined)
  }
}
