import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from './problem.mjs'
import { runCommand } from './run-command.mjs'

/**
 * The pnpm in the toolchain's folder, when everything wanted is there, whole and of the right version. Looks at files
 * only: a second start runs no npm.
 */
export function installedPnpm(wanted) {
  const { folder } = wanted
  const installed = readStamp(folder)
  if (!packagesOf(wanted).every((name) => installed.includes(name))) return undefined
  const pnpm = pnpmBinary(folder)
  return [pnpm, ...nodeBinary(wanted)].every(isExecutable) ? pnpm : undefined
}

/** Has npm put the wanted packages into the folder. @throws Problem when npm fails, or what came does not run here. */
export async function installToolchain(wanted) {
  const { folder, node, pnpmVersion, env, terminal, signal } = wanted
  const parts = [...(node ? [`Node ${node.version}`] : []), `pnpm ${pnpmVersion}`].join(' and ')
  const step = terminal.step(`Getting ${parts} into .millrace/toolchain (about 100 MB)`)
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    await npmInstall({ folder, packages: packagesOf(wanted), env, signal })
    await checkPrograms({ folder, node, env, signal })
    writeFileSync(stampFile(folder), JSON.stringify(packagesOf(wanted)))
    step.done(`${parts}, in .millrace/toolchain`)
  } catch (error) {
    step.fail()
    throw error
  }
}

function packagesOf({ node, pnpmVersion }) {
  return [...(node ? [`${node.name}@${node.version}`] : []), `pnpm@${pnpmVersion}`]
}

async function npmInstall({ folder, packages, env, signal }) {
  const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  // npm tells its scripts where it is itself; that one works, whatever is on PATH. Another manager's path is no npm.
  const own = env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, env.npm_execpath] : ['npm']
  const [command, ...args] = [...own, 'install', '--prefix', folder, ...quiet, '--include=optional', ...packages]
  const { code, output } = await runCommand({ command, args, cwd: folder, env, output: 'capture', signal })
  if (code === 0) return
  throw new Problem(
    `npm could not install ${packages.join(' and ')} (exit code ${code}):\n${output.trim()}\n\n` +
      'Check that npm reaches its registry, or install Node 24 or newer and that pnpm yourself; then start again.',
  )
}

/** A binary of another C library, or half a download, shows here and not in a later step. */
async function checkPrograms({ folder, node, env, signal }) {
  const pnpm = pnpmBinary(folder)
  if (pnpm === undefined) {
    throw new Problem(`npm has no pnpm for ${process.platform}-${process.arch}. Please install pnpm yourself.`)
  }
  for (const command of [pnpm, ...nodeBinary({ folder, node })]) {
    const { code, output } = await runCommand({
      command,
      args: ['--version'],
      cwd: folder,
      env,
      output: 'capture',
      signal,
    })
    if (code !== 0) throw new Problem(`${command} does not run on this machine (${code}): ${output.trim()}`)
  }
}

/** None when the machine's own Node is used. */
function nodeBinary({ folder, node }) {
  return node ? [join(folder, 'node_modules', node.name, 'bin/node')] : []
}

/** The package `pnpm` is a launcher; its binary is in the one optional package that fits the platform. */
function pnpmBinary(folder) {
  const scope = join(folder, 'node_modules/@pnpm')
  return listFolder(scope)
    .map((name) => join(scope, name, 'pnpm'))
    .find(isExecutable)
}

function listFolder(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Written last: an interrupted installation has none. */
function stampFile(folder) {
  return join(folder, 'installed.json')
}

function readStamp(folder) {
  try {
    return JSON.parse(readFileSync(stampFile(folder), 'utf8'))
  } catch {
    return []
  }
}

function isExecutable(file) {
  if (file === undefined) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
