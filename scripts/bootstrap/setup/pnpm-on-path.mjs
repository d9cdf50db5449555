import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { findProgram } from './find-program.mjs'

const timeoutMs = 10_000

/** The pnpm on PATH, if it is of exactly this version. */
export function pnpmOnPath(version, env) {
  const pnpm = findProgram(['pnpm'], env.PATH)
  return pnpm !== undefined && versionOf(pnpm, env) === version ? pnpm : undefined
}

/**
 * Asked outside of the checkout: inside, another pnpm would fetch the pinned one and answer with its version. For the
 * same reason corepack's stand-in must not use the network.
 */
function versionOf(pnpm, env) {
  const { stdout } = spawnSync(pnpm, ['--version'], {
    cwd: tmpdir(),
    env: { ...env, COREPACK_ENABLE_NETWORK: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: timeoutMs,
  })
  return stdout?.trim()
}
