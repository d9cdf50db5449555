import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { countCores, physicalCores } from './physical-cores.ts'

const processor = (socket: number, core: number) => `processor : 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`

describe('countCores', () => {
  test('two hardware threads of a core count once, equal core ids of two sockets twice', () => {
    const hyperThreads = [processor(0, 0), processor(0, 1), processor(0, 0), processor(0, 1)].join('\n')
    expect(countCores(hyperThreads)).toBe(2)
    expect(countCores([processor(0, 0), processor(1, 0)].join('\n'))).toBe(2)
  })

  test('a kernel that names no cores gives 0', () => {
    expect(countCores('processor : 0\nBogoMIPS : 50\n\nprocessor : 1\n')).toBe(0)
    expect(countCores('')).toBe(0)
  })
})

test('physicalCores is at least one, and no more than this process may use', () => {
  expect(physicalCores()).toBeGreaterThanOrEqual(1)
  expect(physicalCores()).toBeLessThanOrEqual(availableParallelism())
})
