import type { Terminal } from './terminal.mjs'
import type { Toolchain } from './toolchain.mjs'

export function installDependencies(options: {
  root: string
  toolchain: Toolchain
  env: Record<string, string | undefined>
  terminal: Terminal
  signal: AbortSignal
}): Promise<void>
