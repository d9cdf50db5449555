import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { CudaDevice } from './device.ts'

const run = promisify(execFile)
const query = ['--query-gpu=pci.bus_id,uuid,name,memory.total', '--format=csv,noheader,nounits']
const timeoutMs = 20_000

/** The CUDA devices of this machine, asked from NVIDIA's `nvidia-smi`; none when there is no such program. */
export async function listCudaDevices(): Promise<CudaDevice[]> {
  try {
    const { stdout } = await run('nvidia-smi', query, { timeout: timeoutMs })
    return parseCudaDevices(stdout)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new Error('nvidia-smi is there, but does not answer; is the NVIDIA driver loaded?', { cause: error })
  }
}

/** Ordinals are given in the order of PCI bus ids, as CUDA itself does under `CUDA_DEVICE_ORDER=PCI_BUS_ID`. */
export function parseCudaDevices(csv: string): CudaDevice[] {
  const rows = csv
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length === query[0]?.split(',').length)
    .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1))
  return rows.map(([, uuid = '', name = '', memory], ordinal) => {
    return { kind: 'cuda', ordinal, uuid, name, memoryMiB: Number(memory) }
  })
}
