import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../setup/problem.mjs'
import { writePrivateFile } from './write-private-file.ts'

/** 192 bits; all of its characters stand for themselves in a shell and in a URL. */
const keyBytes = 24
const keyShape = /^sk-millrace-[\w-]{32}$/

/**
 * The key of this data folder, made at the first call.
 *
 * @throws Problem when the file holds something else: somebody may rely on it, so it is not replaced.
 */
export async function ensureApiKey(dataDir: string): Promise<string> {
  const file = apiKeyFile(dataDir)
  const stored = await readStored(file)
  if (stored !== undefined) return stored
  const key = `sk-millrace-${randomBytes(keyBytes).toString('base64url')}`
  await writePrivateFile(file, `${key}\n`)
  return key
}

export function apiKeyFile(dataDir: string): string {
  return join(dataDir, 'api-key')
}

async function readStored(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new Problem(`The API key cannot be read: ${error.message}`)
  })
  if (text === undefined || keyShape.test(text.trim())) return text?.trim()
  throw new Problem(`${file} does not hold a key of Millrace. Remove it to have a new one made, or set ALLOWED_KEYS.`)
}
