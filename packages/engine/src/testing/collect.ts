import type { GenerationEvent, JobFinished, JobStarted } from '@millrace/contracts/jobs'

/** A whole generation, folded. */
export type Collected = {
  text: string
  tokens: number[]
  deltas: string[]
  started: JobStarted
  finished: JobFinished
}

export async function collect(events: AsyncIterable<GenerationEvent>): Promise<Collected> {
  const deltas: string[] = []
  const tokens: number[] = []
  let started: JobStarted | undefined
  let finished: JobFinished | undefined
  for await (const event of events) {
    if (event.type === 'job-started') started = event
    else if (event.type === 'job-finished') finished = event
    else {
      deltas.push(event.text)
      tokens.push(...event.tokens)
    }
  }
  if (!started || !finished) throw new Error('the generation did not begin and end properly')
  return { text: deltas.join(''), tokens, deltas, started, finished }
}
