import type { Device } from './device.ts'

export type ChildEnvironmentOptions = {
  /** The supervisor's own environment. */
  env: Record<string, string | undefined>
  device: Device
  threads: number
}

/**
 * The environment of one worker process. It has to be there before the process starts: the native library looks at
 * the devices once, when it is loaded, and Node sizes its thread pool at the first use.
 */
export function childEnvironment({
  env,
  device,
  threads,
}: ChildEnvironmentOptions): Record<string, string | undefined> {
  return {
    ...env,
    THREADS: String(threads),
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: device.kind === 'cuda' ? device.uuid : '',
    // One pool thread: every decode runs on whichever is next, and each would bring spinning threads of its own, which
    // halves the speed on a CPU. The price: file reads and name look-ups of the process queue behind a decode.
    UV_THREADPOOL_SIZE: '1',
  }
}
