import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { renderSettingsTable } from './settings-table.ts'

test('docs/settings.md has the table of the schema; `pnpm docs:settings` writes it', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/settings.md'), 'utf8')
  expect(page).toContain(renderSettingsTable())
})
