import { expect, test } from 'vitest'
import { readSettings } from './read-settings.ts'
import { renderSettingsTable, settingsTable } from './settings-table.ts'

test('every variable has a row with what it accepts and what it means', () => {
  expect(settingsTable.length).toBeGreaterThan(30)
  for (const { name, type, description } of settingsTable) {
    expect(name).toMatch(/^[A-Z_]+$/)
    expect(type.length, name).toBeGreaterThan(5)
    expect(description, name).toMatch(/\.$/)
  }
})

test('the defaults of the table are the ones that hold when nothing is set', () => {
  const written = Object.fromEntries(settingsTable.map((row) => [row.name, row.default]))
  expect(readSettings(written)).toEqual(readSettings({}))
})

test('it is a Markdown table whose cells cannot break it', () => {
  const lines = renderSettingsTable().trimEnd().split('\n')
  expect(lines).toHaveLength(settingsTable.length + 2)
  for (const line of lines) expect(line.replaceAll('\\|', '').split('|'), line).toHaveLength(6)
  expect(lines.filter((line) => line.includes('<'))).toEqual([])
  expect(lines).toContain('| `PORT` | `8000` | a whole number from 0 to 65535 | Port of the API; 0 takes a free one. |')
})
