import type { Position } from '@millrace/queue'

/** How long a job will probably wait. */
export type WaitEstimate = {
  /** Jobs that come before it. */
  jobsAhead: number
  /** Until it starts, in seconds; undefined while nobody knows how fast the workers are. */
  startsInSeconds: number | undefined
}

/**
 * What waits in front, and half of what runs, at the pace at which the workers of its model get tokens done. The jobs
 * in front are taken to be as long as those behind, and those that run to be halfway, on average.
 */
export function estimateWait(
  position: Position,
  { tokensPerSecond, freeSlots = 0 }: { tokensPerSecond: number | undefined; freeSlots?: number },
): WaitEstimate {
  const { jobsAhead, jobsWaiting, tokensWaiting, tokensRunning } = position
  if (jobsAhead < freeSlots) return { jobsAhead, startsInSeconds: 0 }
  const tokensAhead = jobsWaiting > 0 ? tokensWaiting * Math.min(jobsAhead / jobsWaiting, 1) : 0
  return { jobsAhead, startsInSeconds: secondsFor(tokensAhead + tokensRunning / 2, tokensPerSecond) }
}

export function secondsFor(tokens: number, tokensPerSecond: number | undefined): number | undefined {
  if (tokens <= 0) return 0
  return tokensPerSecond === undefined ? undefined : Math.ceil(tokens / tokensPerSecond)
}

/** For a person, or a program that reads the comments of a stream. */
export function describeWait({ jobsAhead, startsInSeconds }: WaitEstimate): string {
  const start = startsInSeconds === undefined ? '' : `, estimated start in ${startsInSeconds} s`
  return `waiting: queue position ${jobsAhead + 1}${start}`
}

/** The same, for an answer without a stream. */
export function waitHeaders({ jobsAhead, startsInSeconds }: WaitEstimate): [string, string][] {
  const position: [string, string] = ['x-queue-position', String(jobsAhead + 1)]
  return startsInSeconds === undefined ? [position] : [position, ['x-queue-eta-seconds', String(startsInSeconds)]]
}
