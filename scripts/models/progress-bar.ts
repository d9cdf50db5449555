import { SingleBar } from 'cli-progress'
import type { Progress } from './progress.ts'

/** One bar at a time, which makes room for the next step's; what stays on the screen is what is said afterwards. */
export function progressBar(stream: NodeJS.WriteStream): Progress {
  let current: { step: string; bar: SingleBar } | undefined
  const begin = (step: string) => {
    current?.bar.stop()
    const format = '{bar} {percentage} %  {step}'
    const bar = new SingleBar({ format, stream, hideCursor: true, clearOnComplete: true, barsize: 24 })
    bar.start(100, 0, { step })
    return { step, bar }
  }
  return {
    report(step, fraction) {
      if (current?.step !== step) current = begin(step)
      current.bar.update(Math.round(fraction * 100))
    },
    stop() {
      current?.bar.stop()
      current = undefined
    },
  }
}
