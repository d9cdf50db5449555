import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/**
 * Cores that this process may really use. Two hardware threads of one core share its arithmetic units, so decoding
 * gains nothing from the second. `availableParallelism` knows about CPU affinity and the limits of a container.
 */
export function physicalCores(): number {
  const available = availableParallelism()
  return Math.max(1, Math.min(countCores(readCpuInfo()) || available, available))
}

/** Distinct cores in the text of `/proc/cpuinfo`; 0 when it does not tell them (other systems, some ARM kernels). */
export function countCores(cpuInfo: string): number {
  const cores = new Set<string>()
  for (const processor of cpuInfo.split(/\n\s*\n/)) {
    const core = field(processor, 'core id')
    if (core !== undefined) cores.add(`${field(processor, 'physical id') ?? '0'}/${core}`)
  }
  return cores.size
}

function field(processor: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*:\\s*(\\d+)`, 'm').exec(processor)?.[1]
}

function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}
