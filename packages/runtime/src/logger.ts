import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pino, { type DestinationStream, type Logger, type StreamEntry } from 'pino'
import pretty from 'pino-pretty'
import { redaction } from './log-redaction.ts'

export type { Logger }

export type LoggerOptions = {
  /** On every line, and the name of the log files. */
  service: string
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Folder for log files, beside standard output; unset: no files. */
  dir?: string | undefined
  /** A file this large is closed and the next one begun; so it is at midnight. Default 50 MiB. */
  maxBytes?: number | undefined
  /** How many files of this service are kept. Default 14. */
  maxFiles?: number | undefined
}

/**
 * JSON lines on standard output (readable ones when that is a terminal), and in rotated files under `dir`.
 * Credentials are replaced by `[redacted]`.
 *
 * @throws Error when `dir` cannot be made or written to.
 */
export function createLogger(options: LoggerOptions): Logger {
  const streams: StreamEntry<pino.Level>[] = [{ stream: standardOutput(), level: 'trace' }]
  if (options.dir !== undefined) streams.push({ stream: rotatedFiles(options.dir, options), level: 'trace' })
  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: redaction,
    },
    pino.multistream(streams),
  )
}

function standardOutput(): DestinationStream {
  if (process.stdout.isTTY) return pretty({ sync: true, ignore: 'pid,service', messageFormat: '{service}: {msg}' })
  // Asynchronous writes would let lines overtake each other when the process exits.
  return pino.destination({ dest: 1, sync: true })
}

function rotatedFiles(dir: string, { service, maxBytes = 50 * 1024 ** 2, maxFiles = 14 }: LoggerOptions) {
  mkdirSync(dir, { recursive: true })
  accessSync(dir, constants.W_OK)
  const files = pino.transport({
    target: 'pino-roll',
    options: {
      file: join(dir, `${service}.log`),
      frequency: 'daily',
      dateFormat: 'yyyy-MM-dd',
      size: `${maxBytes}b`,
      limit: { count: maxFiles, removeOtherLogFiles: true },
    },
  })
  // A full disk must not end the service: the lines are on standard output too.
  files.on('error', (error: Error) => process.stderr.write(`log files of ${service}: ${error.message}\n`))
  return files
}
