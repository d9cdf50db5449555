import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['redis-server', 'valkey-server']

/**
 * Where a Redis-compatible server is on `path` (a `PATH` variable).
 *
 * @throws Error when there is none, saying how to get one.
 */
export function findRedisServer(path = process.env.PATH ?? ''): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  const found = candidates.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    `tests need a real Redis: neither ${names.join(' nor ')} is on PATH. ` +
      'Install one (Debian: apt-get install redis-server), or set TEST_REDIS_URL to a server that tests may fill.',
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
