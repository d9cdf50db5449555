import type { Progress } from './progress.ts'

export type ProgressLinesOptions = {
  write: (line: string) => void
  /** The time in milliseconds. */
  now: () => number
}

const leastPercents = 10
const leastMs = 5000

/** A line when a step begins, and within it one per 10 %, but no more than one in 5 s: for logs. */
export function progressLines({ write, now }: ProgressLinesOptions): Progress {
  let last = { step: '', percent: 0, atMs: 0 }
  return {
    report(step, fraction) {
      const percent = Math.round(fraction * 100)
      const due = percent - last.percent >= leastPercents && now() - last.atMs >= leastMs
      if (step === last.step && !due) return
      last = { step, percent, atMs: now() }
      write(percent === 0 ? `${step} …` : `${step}: ${percent} %`)
    },
    stop: () => undefined,
  }
}
