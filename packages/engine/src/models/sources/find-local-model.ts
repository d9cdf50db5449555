import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { splitParts } from '../gguf-name.ts'
import type { LocalSource } from '../model-card.ts'
import { assertGguf } from '../verify-file.ts'

/**
 * The absolute path of a file of the operator's own, once all of its parts are known to be GGUF files.
 * @throws {Error} When one is missing or is something else.
 */
export async function findLocalModel({ path }: LocalSource): Promise<string> {
  // npm and pnpm run scripts in the package's folder, and keep where the command was typed in INIT_CWD.
  const absolute = resolve(process.env.INIT_CWD ?? process.cwd(), path)
  for (const part of splitParts(absolute)) {
    const found = await stat(part).catch(() => undefined)
    if (!found) throw new Error(`there is no file ${part}`)
    if (!found.isFile()) throw new Error(`${part} is not a file`)
    await assertGguf(part)
  }
  return absolute
}
