import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installStamp, workspaceFolders } from './install-stamp.mjs'
import { Problem } from './problem.mjs'
import { runCommand } from './run-command.mjs'

/**
 * `pnpm install` with the frozen lock file, unless nothing that it depends on has changed since the last time.
 *
 * @throws Problem when pnpm fails; it has said why.
 */
export async function installDependencies({ root, toolchain, env, terminal, signal }) {
  const stampFile = join(root, 'node_modules/.millrace-install')
  const stamp = installStamp({ root, nodeVersion: toolchain.nodeVersion })
  if (isInstalled(root, stampFile, stamp)) return
  const step = terminal.loudStep('Installing dependencies')
  const args = ['install', '--frozen-lockfile', '--config.confirmModulesPurge=false']
  // In production mode pnpm would leave out what the tests need.
  const { NODE_ENV: _, ...installEnv } = { ...env, PATH: toolchain.path }
  const { code } = await runCommand({
    command: toolchain.pnpm,
    args,
    cwd: root,
    env: installEnv,
    output: 'inherit',
    signal,
  })
  if (code !== 0) {
    step.fail()
    throw new Problem(
      `pnpm install failed (exit code ${code}); its reason is above. ` +
        'Check that npm registries can be reached and that the disk is not full, then start again.',
    )
  }
  writeFileSync(stampFile, stamp)
  step.done('dependencies')
}

function isInstalled(root, stampFile, stamp) {
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) return false
  return workspaceFolders(root).every((folder) => !hasDependencies(folder) || existsSync(join(folder, 'node_modules')))
}

function hasDependencies(folder) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0
}
