import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Device } from './device.ts'

/**
 * Threads for one worker process: what all processes on the CPU may use, shared out equally. llama.cpp's threads spin
 * while they wait, so more of them than cores make decoding many times slower.
 */
export function threadCount(devices: readonly Device[], cores: number): number {
  const sharers = Math.max(1, devices.filter(({ kind }) => kind === 'cpu').length)
  return Math.max(1, Math.floor(cores / sharers))
}

/** Cores that this process may use: two hyper-threads of one core do not decode faster than one. */
export async function physicalCores(): Promise<number> {
  const threads = availableParallelism()
  const perCore = await threadsPerCore()
  return Math.max(1, Math.floor(threads / perCore))
}

async function threadsPerCore(): Promise<number> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '')
  const siblings = Number(/^siblings\s*:\s*(\d+)/m.exec(cpuinfo)?.[1])
  const cores = Number(/^cpu cores\s*:\s*(\d+)/m.exec(cpuinfo)?.[1])
  return siblings > 0 && cores > 0 ? Math.max(1, Math.round(siblings / cores)) : 1
}
