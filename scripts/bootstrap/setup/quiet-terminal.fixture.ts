import { createTerminal } from './terminal.mjs'

/** A terminal that keeps what is written to it. */
export function quietTerminal() {
  let text = ''
  const stream = { write: (chunk: string) => void (text += chunk) }
  return { terminal: createTerminal({ stream, env: {} }), text: () => text }
}
