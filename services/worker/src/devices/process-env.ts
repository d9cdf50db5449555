import { type Device, deviceName } from './device.ts'

export type ProcessEnvOptions = {
  /** The supervisor's own environment, with all settings. */
  env: Readonly<Record<string, string | undefined>>
  device: Device
  threads: number
}

/**
 * The environment of a worker process. What matters to native code has to be there before the process starts: CUDA
 * and libuv read it once.
 */
export function processEnv({ env, device, threads }: ProcessEnvOptions): Record<string, string | undefined> {
  return {
    ...env,
    DEVICE: deviceName(device),
    THREADS: String(threads),
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    // The native library has no choice of a device: it uses all that it sees. Empty hides every GPU.
    CUDA_VISIBLE_DEVICES: device.kind === 'cuda' ? device.uuid : '',
    // Each decode runs on whichever thread of the pool is next and brings spinning threads of its own: with more than
    // one, a CPU decodes at half the speed. The price: file reads, log files and DNS of the process wait behind decodes.
    UV_THREADPOOL_SIZE: '1',
  }
}
