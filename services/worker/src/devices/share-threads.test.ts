import { expect, test } from 'vitest'
import type { Device } from './device.ts'
import { shareThreads } from './share-threads.ts'

const cpu: Device = { kind: 'cpu' }
const gpu: Device = { kind: 'cuda', uuid: 'GPU-aaaa' }

test('processes on the CPU share the cores, each with at least one', () => {
  expect(shareThreads([cpu], { threads: undefined, cores: 16 })).toEqual([16])
  expect(shareThreads([cpu, cpu, cpu], { threads: undefined, cores: 16 })).toEqual([5, 5, 5])
  expect(shareThreads([cpu, cpu], { threads: undefined, cores: 1 })).toEqual([1, 1])
})

test('processes on GPUs do not take cores from those on the CPU', () => {
  expect(shareThreads([gpu, cpu, gpu, gpu], { threads: undefined, cores: 16 })).toEqual([4, 16, 4, 4])
})

test('THREADS wins', () => {
  expect(shareThreads([cpu, gpu], { threads: 3, cores: 16 })).toEqual([3, 3])
})
