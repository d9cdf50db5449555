import { expect, test } from 'vitest'
import { Random } from './random.ts'

const numbers = (random: Random) => Array.from({ length: 1000 }, () => random.integer(3, 7))

test('the same seed gives the same numbers, another seed others, all within their bounds', () => {
  expect(numbers(new Random(5))).toEqual(numbers(new Random(5)))
  expect(numbers(new Random(5))).not.toEqual(numbers(new Random(6)))
  expect(new Set(numbers(new Random(5)))).toEqual(new Set([3, 4, 5, 6, 7]))
})

test('drawing from a fork does not disturb its origin', () => {
  const [one, other] = [new Random(5), new Random(5)]
  numbers(one.fork())
  other.fork()
  expect(numbers(one)).toEqual(numbers(other))
})

test('weights decide how often an item is drawn; weight 0 is never', () => {
  const random = new Random(1)
  const items = [
    { name: 'often', weight: 9 },
    { name: 'seldom', weight: 1 },
    { name: 'never', weight: 0 },
  ]
  const drawn = Array.from({ length: 1000 }, () => random.weighted(items).name)
  const often = drawn.filter((name) => name === 'often').length
  expect(often).toBeGreaterThan(800)
  expect(often).toBeLessThan(1000)
  expect(drawn).not.toContain('never')
})
