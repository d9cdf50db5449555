import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { processIdentity } from './process-identity.mjs'

/**
 * Takes a lock that a file stands for. A lock whose process has died, however it died, is taken over.
 *
 * @returns `release` when we hold it now, else `holder`: the pid of the process that does.
 */
export function takeLock(file) {
  mkdirSync(dirname(file), { recursive: true })
  const content = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) })
  for (;;) {
    if (create(file, content)) return { release: () => releaseLock(file, content) }
    const held = read(file)
    const holder = livingHolder(held)
    if (holder !== undefined) return { holder }
    removeStale(file, held)
  }
}

/** The pid of the living process that holds the lock; undefined when nobody does. */
export function lockHolder(file) {
  return livingHolder(read(file))
}

function create(file, content) {
  try {
    writeFileSync(file, content, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  }
}

function livingHolder(content) {
  try {
    const { pid, identity } = JSON.parse(content ?? '')
    return identity !== undefined && processIdentity(pid) === identity ? pid : undefined
  } catch {
    return undefined
  }
}

/** Two processes may find the same dead holder: whoever moved away the other's fresh lock puts it back. */
function removeStale(file, seen) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  const moved = read(aside)
  if (moved !== seen && livingHolder(moved) !== undefined) create(file, moved)
  rmSync(aside, { force: true })
}

function releaseLock(file, content) {
  if (read(file) === content) rmSync(file, { force: true })
}
