import { readSettings } from '@millrace/runtime/settings'
import { expect, test } from 'vitest'
import { processEnv } from './process-env.ts'

const env = { MODEL_ID: 'some-model', DEVICE: 'auto', CUDA_VISIBLE_DEVICES: '0,1', UV_THREADPOOL_SIZE: '64' }
const gpu = { kind: 'cuda', uuid: 'GPU-aaaa' } as const

test('a process on a GPU sees this one only, under the name that does not change', () => {
  expect(processEnv({ env, device: gpu, threads: 4 })).toMatchObject({
    CUDA_VISIBLE_DEVICES: 'GPU-aaaa',
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    UV_THREADPOOL_SIZE: '1',
  })
})

test('a process on the CPU sees no GPU', () => {
  expect(processEnv({ env, device: { kind: 'cpu' }, threads: 4 })).toMatchObject({ CUDA_VISIBLE_DEVICES: '' })
})

test('a process reads its own device and threads, and the other settings as they are', () => {
  const settings = readSettings(processEnv({ env, device: gpu, threads: 4 }))
  expect(settings).toMatchObject({ modelId: 'some-model', devices: ['cuda:GPU-aaaa'], threads: 4 })
})
