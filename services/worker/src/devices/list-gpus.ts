import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A GPU as the driver lists it. */
export type Gpu = { ordinal: number; uuid: string; name: string }

/** The GPUs of this machine, or why they are not known. */
export type GpuList = { gpus: readonly Gpu[]; problem?: string }

/** Runs a program and gives its standard output. */
export type RunProgram = (file: string, options: readonly string[]) => Promise<string>

const query = ['--query-gpu=index,uuid,name,memory.total', '--format=csv,noheader,nounits']
const timeoutMs = 15_000

/**
 * Asks the NVIDIA driver. Its order is that of the PCI bus ids, which is also that of CUDA ordinals under
 * `CUDA_DEVICE_ORDER=PCI_BUS_ID` (https://docs.nvidia.com/deploy/nvidia-smi/index.html). A machine without the driver
 * has no GPUs; a driver that cannot answer has none either, and the problem says why. Tested with written-down output
 * only: no machine with a GPU was at hand.
 */
export async function listGpus(run: RunProgram = runProgram): Promise<GpuList> {
  try {
    return parse(await run('nvidia-smi', query))
  } catch (error) {
    if (isMissing(error)) return { gpus: [] }
    return { gpus: [], problem: `nvidia-smi failed: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** Lines like `0, GPU-7c8b…, NVIDIA H100 80GB HBM3, 81559`. */
function parse(output: string): GpuList {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const gpus = lines.flatMap((line) => {
    const [, ordinal, uuid, name] = /^\s*(\d+)\s*,\s*(GPU-[\w-]+)\s*,\s*(.+?)\s*,[^,]*$/.exec(line) ?? []
    return ordinal && uuid && name ? [{ ordinal: Number(ordinal), uuid, name }] : []
  })
  const sorted = gpus.sort((one, other) => one.ordinal - other.ordinal)
  // For example "No devices were found".
  if (sorted.length < lines.length) return { gpus: sorted, problem: `nvidia-smi said: ${output.trim().slice(0, 200)}` }
  return { gpus: sorted }
}

async function runProgram(file: string, options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, options, { timeout: timeoutMs })
  return stdout
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
