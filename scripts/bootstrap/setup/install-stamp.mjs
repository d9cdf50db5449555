import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What an installation depends on, as one hash: lock file, every package.json, and which Node on which machine. */
export function installStamp({ root, nodeVersion }) {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([nodeVersion, process.platform, process.arch]))
  const manifests = workspaceFolders(root).map((folder) => join(folder, 'package.json'))
  for (const file of [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifests]) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

/** The root and every folder of the workspace that holds a package. */
export function workspaceFolders(root) {
  const groups = ['packages', 'services'].map((name) => join(root, name)).filter((group) => existsSync(group))
  const inGroups = groups.flatMap((group) => readdirSync(group).map((name) => join(group, name)))
  return [root, join(root, 'scripts'), ...inGroups.sort()].filter((folder) => existsSync(join(folder, 'package.json')))
}
