import { describe, expect, test } from 'vitest'
import { listGpus } from './list-gpus.ts'

const answering = (output: string) => async () => output
const failing = (error: Error) => async () => Promise.reject(error)

describe('listGpus', () => {
  test('gives the GPUs by ordinal, whatever order and names the driver prints', async () => {
    const output = '1, GPU-bbbb-2, NVIDIA RTX 4090, 24564\n0, GPU-aaaa-1, Strange, Inc. H100 80GB, [N/A]\n'
    expect(await listGpus(answering(output))).toEqual({
      gpus: [
        { ordinal: 0, uuid: 'GPU-aaaa-1', name: 'Strange, Inc. H100 80GB' },
        { ordinal: 1, uuid: 'GPU-bbbb-2', name: 'NVIDIA RTX 4090' },
      ],
    })
  })

  test('a machine without the driver has no GPUs, and nothing is wrong', async () => {
    expect(await listGpus(failing(Object.assign(new Error('spawn'), { code: 'ENOENT' })))).toEqual({ gpus: [] })
  })

  test('a driver that fails has no GPUs, and the problem is told', async () => {
    const { gpus, problem } = await listGpus(failing(new Error('Driver/library version mismatch')))
    expect(gpus).toEqual([])
    expect(problem).toContain('version mismatch')
  })

  test('a driver without devices has none, and its words are told', async () => {
    const { gpus, problem } = await listGpus(answering('No devices were found\n'))
    expect(gpus).toEqual([])
    expect(problem).toContain('No devices were found')
  })
})
