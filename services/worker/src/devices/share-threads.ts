import type { Device } from './device.ts'

export type ShareThreadsOptions = {
  /** `THREADS`: the same for every process, whatever there is. */
  threads: number | undefined
  /** Physical cores that may be used. */
  cores: number
}

/**
 * CPU threads for decoding in each process, in the order of the devices. Processes on the CPU share the cores among
 * themselves; one on a GPU computes there, and gets as if all shared them.
 */
export function shareThreads(devices: readonly Device[], { threads, cores }: ShareThreadsOptions): number[] {
  const onCpu = devices.filter(({ kind }) => kind === 'cpu').length
  return devices.map(({ kind }) => {
    const sharing = kind === 'cpu' ? onCpu : devices.length
    return threads ?? Math.max(1, Math.floor(cores / sharing))
  })
}
