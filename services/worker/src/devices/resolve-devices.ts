import type { Device } from './device.ts'
import type { Gpu, GpuList } from './list-gpus.ts'

/** `DEVICE` names something that this machine does not have. */
export class DeviceError extends Error {
  override name = 'DeviceError'
}

/**
 * One device per worker process, from the entries of `DEVICE`. `auto` is every GPU, else the CPU. The driver is asked
 * only when an entry depends on it.
 *
 * @throws DeviceError for a GPU that is not there.
 */
export async function resolveDevices(entries: readonly string[], listGpus: () => Promise<GpuList>): Promise<Device[]> {
  if (entries.every((entry) => entry === 'cpu')) return entries.map(() => ({ kind: 'cpu' }))
  const list = await listGpus()
  if (entries.includes('auto')) return automatic(list.gpus)
  return entries.map((entry) => resolveEntry(entry, list))
}

function automatic(gpus: readonly Gpu[]): Device[] {
  return gpus.length === 0 ? [{ kind: 'cpu' }] : gpus.map(({ uuid }) => ({ kind: 'cuda', uuid }))
}

function resolveEntry(entry: string, list: GpuList): Device {
  if (entry === 'cpu') return { kind: 'cpu' }
  const wanted = entry.slice('cuda:'.length)
  // The driver's list has no slices of a GPU: those are taken at their word, and CUDA itself refuses a wrong one.
  if (wanted.startsWith('MIG-')) return { kind: 'cuda', uuid: wanted }
  const found = list.gpus.find(({ ordinal, uuid }) => wanted === String(ordinal) || wanted === uuid)
  if (found) return { kind: 'cuda', uuid: found.uuid }
  throw new DeviceError(`DEVICE asks for ${entry}, but ${describe(list)}`)
}

function describe({ gpus, problem }: GpuList): string {
  const known = gpus.map(({ ordinal, name, uuid }) => `cuda:${ordinal} (${name}, ${uuid})`)
  const existing = known.length === 0 ? 'this machine has no CUDA device.' : `there is only ${known.join(', ')}.`
  return problem === undefined ? existing : `${existing} ${problem}`
}
