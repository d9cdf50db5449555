import type { StopRequest } from './stop-request.mjs'
import type { Toolchain } from './toolchain.mjs'

export function handOver(options: {
  toolchain: Toolchain
  script: string
  args: readonly string[]
  env: Record<string, string | undefined>
  stop: StopRequest
}): Promise<number>
