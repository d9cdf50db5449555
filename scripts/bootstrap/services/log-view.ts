/** The part of a log line that a person at the terminal should see. */
export type LogEntry = { level: string; message: string; percent?: number }

const alarming = ['warn', 'error', 'fatal']

/** A line of our services' logs; undefined when it is something else, such as the trace of a crash. */
export function parseLogLine(line: string): LogEntry | undefined {
  try {
    const { level, msg, err, reason, percent } = JSON.parse(line)
    if (typeof level !== 'string') return undefined
    const parts = [msg, err?.message ?? reason].filter((part) => typeof part === 'string' && part !== '')
    return { level, message: parts.join(': '), ...(typeof percent === 'number' ? { percent } : {}) }
  } catch {
    return undefined
  }
}

export function isAlarming({ level }: LogEntry): boolean {
  return alarming.includes(level)
}
