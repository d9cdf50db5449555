import { Problem } from '../setup/problem.mjs'
import { parseLogLine } from './log-view.ts'
import type { ManagedProcess } from './managed-process.ts'

/** Rejects with a Problem when the first of these processes ends; never resolves. */
export function unexpectedEnd(processes: readonly ManagedProcess[], logDir: string): Promise<never> {
  const first = Promise.race(processes.map((running) => explain(running, logDir)))
  // Whoever waits for it gets the rejection; a start that fails earlier for another reason does not.
  first.catch(() => undefined)
  return first
}

async function explain(running: ManagedProcess, logDir: string): Promise<never> {
  const ended = await running.ended
  const how = typeof ended === 'number' ? `with exit code ${ended}` : `by ${ended}`
  const lines = running.lastLines.map((line) => `  ${readable(line)}`)
  const said = lines.length > 0 ? `Its last lines:\n${lines.join('\n')}` : 'It printed nothing.'
  throw new Problem(`${capital(running.name)} ended unexpectedly ${how}. ${said}\nIts full log is in ${logDir}`)
}

function readable(line: string): string {
  const entry = parseLogLine(line)
  return entry ? `${entry.level}: ${entry.message}` : line
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
