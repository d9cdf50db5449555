import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '@millrace/runtime/settings'
import { beforeEach, expect, test } from 'vitest'
import { apiKeyFile, ensureApiKey } from './api-key.ts'

let dataDir: string
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'millrace-key-')), 'data')
})

test('a key is made once, readable by its owner only, and kept', async () => {
  const key = await ensureApiKey(dataDir)
  expect(key).toMatch(/^sk-millrace-[\w-]{32}$/)
  expect(statSync(apiKeyFile(dataDir)).mode & 0o777).toBe(0o600)
  expect(await ensureApiKey(dataDir)).toBe(key)
  expect(readdirSync(dataDir)).toEqual(['api-key'])
})

test('every data folder has a key of its own', async () => {
  expect(await ensureApiKey(dataDir)).not.toBe(await ensureApiKey(`${dataDir}-other`))
})

test('the key can be used as ALLOWED_KEYS', async () => {
  const key = await ensureApiKey(dataDir)
  expect(readSettings({ ALLOWED_KEYS: `default=${key}` }).allowedKeys).toEqual([{ tenant: 'default', key }])
})

test('a file with anything else in it is not replaced: somebody may rely on it', async () => {
  await ensureApiKey(dataDir)
  writeFileSync(apiKeyFile(dataDir), 'my own\n')
  await expect(ensureApiKey(dataDir)).rejects.toThrow(/does not hold a key[\s\S]*ALLOWED_KEYS/)
})

test('what somebody made readable for others is not made so again by us', async () => {
  const key = await ensureApiKey(dataDir)
  chmodSync(apiKeyFile(dataDir), 0o640)
  expect(await ensureApiKey(dataDir)).toBe(key)
})
