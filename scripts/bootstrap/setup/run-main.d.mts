import type { Terminal } from './terminal.mjs'

export function runMain(options: {
  terminal: Terminal
  interruptedCode: number
  run: () => Promise<number>
}): Promise<never>
