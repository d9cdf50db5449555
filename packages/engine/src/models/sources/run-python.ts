import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type RunPythonOptions = {
  signal: AbortSignal
  /** Added to this process's environment. */
  env?: Record<string, string>
}

/**
 * Runs `python3` and waits for its end.
 * @throws {Error} In words for a person when Python or pip is missing; else with what Python said last.
 */
export async function runPython(args: readonly string[], { signal, env }: RunPythonOptions): Promise<void> {
  try {
    await promisify(execFile)('python3', args, { signal, env: { ...process.env, ...env }, maxBuffer: 64 << 20 })
  } catch (error) {
    throw explain(error)
  }
}

function explain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if ('code' in error && error.code === 'ENOENT')
    return new Error('python3 is not on the PATH (Debian, Ubuntu: apt-get install python3 python3-pip)', {
      cause: error,
    })
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
  if (said.includes('No module named pip'))
    return new Error('python3 has no pip (Debian, Ubuntu: apt-get install python3-pip)', { cause: error })
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const complaint = lines.filter((line) => line.startsWith('ERROR:')).at(-1) ?? lines.at(-1)
  return complaint ? new Error(complaint.trim(), { cause: error }) : error
}
