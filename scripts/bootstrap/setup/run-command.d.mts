export type RunCommandOptions = {
  command: string
  args: readonly string[]
  cwd: string
  env: Record<string, string | undefined>
  output: 'inherit' | 'capture'
  signal: AbortSignal
}
export function runCommand(options: RunCommandOptions): Promise<{ code: number | NodeJS.Signals; output: string }>
export function killGroup(pid: number | undefined, name: NodeJS.Signals): void
