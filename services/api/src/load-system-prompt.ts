import { readFile } from 'node:fs/promises'
import type { Settings } from '@millrace/runtime/settings'

/** The operator's system prompt. Rejects when its file cannot be read: better no start than chats without it. */
export async function loadSystemPrompt(setting: Settings['systemPrompt']): Promise<string | undefined> {
  if (setting === undefined) return undefined
  const text = 'text' in setting ? setting.text : await readFile(setting.path, 'utf8')
  return text.trim() === '' ? undefined : text
}
