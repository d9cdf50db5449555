import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const intervalMs = 300

/** Reports the bytes in a folder and its subfolders as they grow, until it is disposed of. */
export function watchFolderSize(folder: string, onBytes: (bytes: number) => void): Disposable {
  let largest = 0
  let stopped = false
  const timer = setInterval(async () => {
    // A file that vanishes while it is counted: the next look will do.
    const bytes = await folderSize(folder).catch(() => 0)
    if (stopped || bytes <= largest) return
    largest = bytes
    onBytes(bytes)
  }, intervalMs)
  const stop = () => {
    stopped = true
    clearInterval(timer)
  }
  return { [Symbol.dispose]: stop }
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
