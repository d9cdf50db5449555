import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Terminal } from '../setup/terminal.mjs'
import { isAlarming, parseLogLine } from './log-view.ts'
import { ManagedProcess } from './managed-process.ts'

export type StartServiceOptions = {
  name: 'api' | 'worker'
  root: string
  logDir: string
  env: NodeJS.ProcessEnv
  terminal: Terminal
  /** Told how far something long has come. */
  onProgress: (message: string) => void
}

/**
 * Starts one of the services. Its warnings and errors are shown. Its log files are its own business; what is no log
 * line, such as the trace of a crash or a message of native code, goes to `<service>.output.log` beside them.
 */
export function startService(options: StartServiceOptions): Promise<ManagedProcess> {
  const { name, root, logDir, env, terminal, onProgress } = options
  const output = createWriteStream(join(logDir, `millrace-${name}.output.log`))
  output.on('error', (error) => terminal.warn(`${name}: its output is not kept: ${error.message}`))
  return ManagedProcess.start({
    name: `the ${name}`,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', join(root, 'services', name, 'src/main.ts')],
    cwd: root,
    env,
    onLine: (line) => {
      const entry = parseLogLine(line)
      if (entry === undefined) output.write(`${line}\n`)
      else if (isAlarming(entry)) terminal.warn(`${name}: ${entry.message}`)
      else if (entry.percent !== undefined) onProgress(`${entry.message}, ${entry.percent} %`)
    },
  })
}
