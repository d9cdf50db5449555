import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { renderSettingsTable } from '@millrace/runtime/settings'

/** Writes `docs/settings.md` anew. A test compares that page with the schema. */
const page = `# Settings

Every setting is an environment variable. An empty one counts as unset. All of them are checked at start; what is
wrong is told at once, by name. Relative paths are taken from the folder in which \`npm\` was called.

${renderSettingsTable()}`

await writeFile(resolve(import.meta.dirname, '../../../docs/settings.md'), page)
