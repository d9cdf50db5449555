import { Interrupted, Problem } from './problem.mjs'

/**
 * Runs a command to its exit code. A Problem is for the person: its message is printed, without a stack. Anything
 * else is a defect of ours.
 */
export async function runMain({ terminal, interruptedCode, run }) {
  try {
    process.exit(await run())
  } catch (error) {
    if (error instanceof Interrupted) {
      terminal.line('  Stopped.')
      process.exit(interruptedCode)
    }
    terminal.line()
    terminal.line(error instanceof Problem ? terminal.style.red(error.message) : String(error?.stack ?? error))
    process.exit(1)
  }
}
