import { expect, test } from 'vitest'
import { readSettings } from './read-settings.ts'
import { SettingsError } from './settings-error.ts'

const read = (ALLOWED_KEYS: string) => readSettings({ ALLOWED_KEYS }).allowedKeys

function problemsOf(ALLOWED_KEYS: string): string {
  try {
    readSettings({ ALLOWED_KEYS })
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  throw new Error('no error')
}

test('an entry names its tenant, or the tenant is made from the hash of the key', () => {
  expect(read('acme=secret-key-1, acme=secret-key-2,bare-key-3')).toEqual([
    { tenant: 'acme', key: 'secret-key-1' },
    { tenant: 'acme', key: 'secret-key-2' },
    // printf bare-key-3 | sha256sum
    { tenant: 'key-71ac9540', key: 'bare-key-3' },
  ])
})

test('a key may contain equals signs when its tenant is named', () => {
  expect(read('acme=c2VjcmV0LWtleQ==')).toEqual([{ tenant: 'acme', key: 'c2VjcmV0LWtleQ==' }])
})

test.each([
  ['acme=secret-key,zeta=secret-key', 'entry 2 has a key that no earlier entry has'],
  ['secret-key,secret-key', 'entry 2 has a key that no earlier entry has'],
  ['=secret-key', 'entry 1 has a tenant of 1 to 64'],
  ['a b=secret-key', 'entry 1 has a tenant of 1 to 64'],
  ['a:b=secret-key', 'entry 1 has a tenant of 1 to 64'],
  [`${'t'.repeat(65)}=secret-key`, 'entry 1 has a tenant of 1 to 64'],
  ['acme=short', 'entry 1 has a key of at least 8 characters'],
  ['acme=', 'entry 1 has a key of at least 8 characters'],
  ['secret-key,', 'entry 2 has a key of at least 8 characters'],
  [',', 'entry 1 has a key of at least 8 characters'],
  ['secret key', 'entry 1 has a key of at most 512 visible ASCII characters'],
  ['schlüssel-lang', 'entry 1 has a key of at most 512 visible ASCII characters'],
  ['k'.repeat(513), 'entry 1 has a key of at most 512 visible ASCII characters'],
])('%s is refused, and the message does not show it', (value, expected) => {
  const message = problemsOf(value)
  expect(message).toContain(`ALLOWED_KEYS: expected a comma list of tenant=key or bare keys, where ${expected}`)
  expect(message).toContain('got a value that is not shown')
  for (const secret of value.split(/[,=]/).filter((part) => part.length > 3 && part !== 'acme' && part !== 'zeta')) {
    expect(message).not.toContain(secret)
  }
})

test('every bad entry is told', () => {
  expect(problemsOf('acme=short,good-key-1,=secret-key').match(/entry \d/g)).toEqual(['entry 1', 'entry 3'])
})
