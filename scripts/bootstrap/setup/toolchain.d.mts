import type { Terminal } from './terminal.mjs'

export type Toolchain = { node: string; nodeVersion: string; pnpm: string; path: string }
export function ensureToolchain(options: {
  root: string
  env: Record<string, string | undefined>
  terminal: Terminal
  signal: AbortSignal
  nodeVersion?: string
}): Promise<Toolchain>
