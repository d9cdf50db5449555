import { expect, test } from 'vitest'
import { KeyRing } from './key-ring.ts'

const ring = new KeyRing([
  { tenant: 'acme', key: 'key-of-acme' },
  { tenant: 'globex', key: 'key-of-globex' },
  { tenant: 'acme', key: 'second-key-of-acme' },
])

test('a key belongs to its tenant', () => {
  expect(ring.tenantOf('key-of-acme')).toBe('acme')
  expect(ring.tenantOf('second-key-of-acme')).toBe('acme')
  expect(ring.tenantOf('key-of-globex')).toBe('globex')
})

test.each(['', 'key-of-acm', 'key-of-acme ', 'KEY-OF-ACME', 'x'.repeat(100_000)])('%.20j belongs to nobody', (key) => {
  expect(ring.tenantOf(key)).toBeUndefined()
})

test('an empty ring lets nobody in', () => {
  expect(new KeyRing([]).tenantOf('')).toBeUndefined()
})
