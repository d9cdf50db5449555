import { progressBar } from './progress-bar.ts'
import { progressLines } from './progress-lines.ts'

/** Shows a model's way to this machine. */
export type Progress = {
  report: (step: string, fraction: number) => void
  /** Clears the place for other output; a later report shows again. */
  stop: () => void
}

/** A bar on a terminal, a few lines anywhere else. */
export function createProgress(output: NodeJS.WriteStream): Progress {
  return output.isTTY
    ? progressBar(output)
    : progressLines({ write: (line) => output.write(`${line}\n`), now: Date.now })
}
