export type Step = {
  /** What the step is doing right now. */
  update: (detail: string) => void
  done: (text?: string) => void
  fail: (text?: string) => void
}
type Paint = (text: string) => string
export type Terminal = {
  style: { bold: Paint; dim: Paint; red: Paint; green: Paint; yellow: Paint }
  line: (text?: string) => void
  warn: (text: string) => void
  step: (title: string) => Step
  loudStep: (title: string) => Step
}
type Output = { write: (text: string) => unknown; isTTY?: boolean; columns?: number }
export function createTerminal(options?: { stream?: Output; env?: Record<string, string | undefined> }): Terminal
