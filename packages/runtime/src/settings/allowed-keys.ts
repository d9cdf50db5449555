import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { SettingKind } from './setting-kind.ts'

/** An API key and the tenant whose limits and audit lines it counts for. */
export type AllowedKey = { readonly tenant: string; readonly key: string }

const expected = 'a comma list of tenant=key or bare keys'
const leastKeyCharacters = 8

/**
 * API keys and who they belong to. A bare key's tenant is made from the key's hash, so that it is the same on every
 * replica and tells nothing about the key. No message quotes an entry: it may be a key.
 */
export const allowedKeys: SettingKind<AllowedKey[]> = {
  expected,
  schema: z.string().transform((text, context) => {
    const keys = text.split(',').map((entry) => parseEntry(entry.trim()))
    for (const [index, problem] of findProblems(keys)) {
      context.addIssue({ code: 'custom', message: `${expected}, where entry ${index + 1} ${problem}` })
    }
    return keys
  }),
}

function parseEntry(entry: string): AllowedKey {
  const equals = entry.indexOf('=')
  if (equals === -1) return { tenant: `key-${sha256(entry).slice(0, 8)}`, key: entry }
  return { tenant: entry.slice(0, equals), key: entry.slice(equals + 1) }
}

function findProblems(keys: AllowedKey[]): [index: number, problem: string][] {
  const seen = new Set<string>()
  return keys.flatMap(({ tenant, key }, index) => {
    const repeated = seen.has(key)
    seen.add(key)
    const problem = problemOfKey(key, repeated) ?? problemOfTenant(tenant)
    return problem === undefined ? [] : [[index, problem]]
  })
}

function problemOfKey(key: string, repeated: boolean): string | undefined {
  if (key.length < leastKeyCharacters) return `has a key of at least ${leastKeyCharacters} characters`
  // It travels in an HTTP header.
  if (!/^[!-~]{1,512}$/.test(key)) return 'has a key of at most 512 visible ASCII characters'
  return repeated ? 'has a key that no earlier entry has' : undefined
}

function problemOfTenant(tenant: string): string | undefined {
  // It becomes a part of Redis keys and a value in logs.
  return /^[\w.-]{1,64}$/.test(tenant) ? undefined : 'has a tenant of 1 to 64 letters, digits, ".", "_" or "-"'
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
