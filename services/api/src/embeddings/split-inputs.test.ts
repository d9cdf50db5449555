import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitInputs } from './split-inputs.ts'

const input = fc.oneof(fc.string({ minLength: 1, maxLength: 50 }), fc.array(fc.nat(), { minLength: 1, maxLength: 12 }))

test('every input is in exactly one job, in order, and jobs are bounded', () => {
  fc.assert(
    fc.property(fc.array(input, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (inputs, limit) => {
      const limits = { inputs: limit, chars: 100 }
      const slices = splitInputs(inputs, limits)
      expect(slices.flatMap((slice) => slice.inputs)).toEqual(inputs)
      for (const { offset, inputs: part } of slices) {
        expect(inputs.slice(offset, offset + part.length)).toEqual(part)
        expect(part.length).toBeLessThanOrEqual(limit)
        const chars = part.reduce((sum, each) => sum + (typeof each === 'string' ? each.length : each.length * 4), 0)
        expect(part.length === 1 || chars <= limits.chars).toBe(true)
      }
    }),
  )
})

test('an input over the limit has a job for itself', () => {
  const slices = splitInputs(['a', 'x'.repeat(200), 'b'], { inputs: 10, chars: 100 })
  expect(slices.map(({ inputs }) => inputs.length)).toEqual([1, 1, 1])
})
