import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installedPnpm, installToolchain } from './install-toolchain.mjs'
import { nodePackage } from './node-package.mjs'
import { pnpmOnPath } from './pnpm-on-path.mjs'

const leastNodeMajor = 24

/**
 * Node 24 and the pinned pnpm: those of the machine when they fit, else from `<root>/.millrace/toolchain`, where npm
 * puts them once. Nothing is installed anywhere else.
 *
 * @returns `node`, `pnpm`: paths of the programs; `path`: the PATH of everything that is run later, on which these two come first.
 * @throws Problem when they cannot be had.
 */
export async function ensureToolchain({ root, env, terminal, signal, nodeVersion = process.version }) {
  const folder = join(root, '.millrace/toolchain')
  const pnpmVersion = pinnedPnpm(root)
  const local = nodeVersionFits(nodeVersion) ? undefined : nodePackage()
  const wanted = { folder, node: local, pnpmVersion }

  let pnpm = installedPnpm(wanted) ?? (local ? undefined : pnpmOnPath(pnpmVersion, env))
  if (pnpm === undefined) {
    await installToolchain({ ...wanted, env, terminal, signal, nodeVersion })
    pnpm = installedPnpm(wanted)
  }
  const node = local ? join(folder, 'node_modules', local.name, 'bin/node') : process.execPath
  const bin = linkPrograms(folder, { node, pnpm })
  return {
    node,
    nodeVersion: local?.version ?? nodeVersion,
    pnpm,
    path: [bin, env.PATH].filter(Boolean).join(delimiter),
  }
}

function nodeVersionFits(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]) >= leastNodeMajor
}

/** The exact version in the `packageManager` field of the root's package.json. */
function pinnedPnpm(root) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return /^pnpm@([^+]+)/.exec(packageManager)?.[1]
}

/**
 * A folder with these programs and no others: the folder that a program was found in may hold many more, which would
 * all come before what the person put first on PATH.
 */
function linkPrograms(folder, programs) {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const [name, target] of Object.entries(programs)) {
    rmSync(join(bin, name), { force: true })
    symlinkSync(target, join(bin, name))
  }
  return bin
}
