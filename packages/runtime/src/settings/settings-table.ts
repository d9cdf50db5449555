import { settingRegistry } from './setting.ts'
import { SettingVariables } from './setting-variables.ts'

/** What the docs say about one environment variable. */
export type SettingsTableRow = {
  name: string
  /** What is accepted, in words. */
  type: string
  /** As an operator would write it; empty when there is none. */
  default: string
  description: string
}

/** All environment variables, in the order of the docs. */
export const settingsTable: readonly SettingsTableRow[] = Object.entries(SettingVariables.shape).map(
  ([name, schema]) => {
    const meta = settingRegistry.get(schema)
    if (meta === undefined) throw new Error(`${name} has no description`)
    return { name, type: meta.expected, default: meta.default ?? '', description: meta.description }
  },
)

/** The same as a Markdown table. */
export function renderSettingsTable(): string {
  const rows = settingsTable.map((row) =>
    renderRow([`\`${row.name}\``, row.default && `\`${row.default}\``, row.type, row.description]),
  )
  return [renderRow(['Variable', 'Default', 'Accepts', 'Meaning']), '|---|---|---|---|', ...rows, ''].join('\n')
}

function renderRow(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`
}
