import { describe, expect, test } from 'vitest'
import type { GpuList } from './list-gpus.ts'
import { DeviceError, resolveDevices } from './resolve-devices.ts'

const first = { ordinal: 0, uuid: 'GPU-aaaa', name: 'H100' }
const second = { ordinal: 1, uuid: 'GPU-bbbb', name: 'H100' }
const having = (list: GpuList) => async () => list
const both = having({ gpus: [first, second] })
const none = having({ gpus: [] })
const cpu = { kind: 'cpu' }
const cuda = (uuid: string) => ({ kind: 'cuda', uuid })

describe('resolveDevices', () => {
  test('auto takes every GPU, and the CPU when there is none', async () => {
    expect(await resolveDevices(['auto'], both)).toEqual([cuda('GPU-aaaa'), cuda('GPU-bbbb')])
    expect(await resolveDevices(['auto'], none)).toEqual([cpu])
  })

  test('one device per entry, in their order, by ordinal or UUID', async () => {
    expect(await resolveDevices(['cuda:1', 'cpu', 'cuda:GPU-aaaa', 'cuda:1'], both)).toEqual([
      cuda('GPU-bbbb'),
      cpu,
      cuda('GPU-aaaa'),
      cuda('GPU-bbbb'),
    ])
  })

  test('the driver is not asked for the CPU', async () => {
    const asked = async () => Promise.reject(new Error('the driver was asked'))
    expect(await resolveDevices(['cpu', 'cpu'], asked)).toEqual([cpu, cpu])
  })

  test('a slice of a GPU, which the driver does not list, is taken at its word', async () => {
    expect(await resolveDevices(['cuda:MIG-1234'], both)).toEqual([cuda('MIG-1234')])
  })

  test.each(['cuda:2', 'cuda:GPU-cccc'])('%s, which is not there, is refused with what is', async (entry) => {
    const refused = resolveDevices([entry], both)
    await expect(refused).rejects.toThrow(DeviceError)
    await expect(refused).rejects.toThrow(
      `DEVICE asks for ${entry}, but there is only cuda:0 (H100, GPU-aaaa), cuda:1 (H100, GPU-bbbb).`,
    )
  })

  test('a GPU on a machine without any is refused, with what the driver said', async () => {
    const broken = having({ gpus: [], problem: 'nvidia-smi failed: mismatch' })
    await expect(resolveDevices(['cuda:0'], none)).rejects.toThrow('this machine has no CUDA device.')
    await expect(resolveDevices(['cuda:0'], broken)).rejects.toThrow('nvidia-smi failed: mismatch')
  })
})
