import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { installStamp, workspaceFolders } from './install-stamp.mjs'

let root: string
const write = (file: string, text: string) => writeFileSync(join(root, file), text)
const stamp = (nodeVersion = 'v24.1.0') => installStamp({ root, nodeVersion })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-stamp-'))
  for (const folder of ['packages/a', 'packages/empty', 'services/b', 'scripts'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const folder of ['.', 'packages/a', 'services/b', 'scripts']) write(`${folder}/package.json`, '{}')
  write('pnpm-lock.yaml', 'lock')
  write('pnpm-workspace.yaml', 'workspace')
})

test('an unchanged checkout has the same stamp, whatever happens to its sources', () => {
  const before = stamp()
  write('packages/a/source.ts', 'new')
  expect(stamp()).toBe(before)
})

test.each(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'packages/a/package.json', 'scripts/package.json'])(
  'a change of %s changes the stamp',
  (file) => {
    const before = stamp()
    write(file, '{"changed": true}')
    expect(stamp()).not.toBe(before)
  },
)

test('a new package and another Node change the stamp', () => {
  const before = stamp()
  expect(stamp('v24.2.0')).not.toBe(before)
  write('packages/empty/package.json', '{}')
  expect(stamp()).not.toBe(before)
})

test('the folders of this workspace are found', () => {
  const folders = workspaceFolders(join(import.meta.dirname, '../../..'))
  for (const name of ['scripts', 'packages/engine', 'services/api'])
    expect(folders.some((folder) => folder.endsWith(name))).toBe(true)
})
