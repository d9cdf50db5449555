import { open, rename, writeFile } from 'node:fs/promises'

/** Returns once what was written to the file is on the disk. */
export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.sync()
}

/** Returns once renames in the folder are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and needs no such step.
  if (process.platform === 'win32') return
  await using folder = await open(path)
  await folder.sync()
}

/** Replaces a file as a whole: a reader, or a kill at any moment, meets the old content or the new. One writer at a time. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`
  await writeFile(temporary, content, { flush: true })
  await rename(temporary, path)
}
