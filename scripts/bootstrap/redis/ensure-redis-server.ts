import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../setup/find-program.mjs'
import { Problem } from '../setup/problem.mjs'
import { runCommand } from '../setup/run-command.mjs'
import type { Step, Terminal } from '../setup/terminal.mjs'

export type EnsureRedisServerOptions = {
  env: NodeJS.ProcessEnv
  /** A folder of ours that is on PATH already. */
  binDir: string
  terminal: Terminal
  signal: AbortSignal
  /** Who runs this; for tests. */
  userId?: number | undefined
}

/**
 * A Redis-compatible server program: from PATH, else, as root on a Debian-like system, with apt-get.
 * What apt-get installs has no service: nothing but what we start ever runs.
 *
 * @throws Problem that says what to install.
 */
export async function ensureRedisServer(options: EnsureRedisServerOptions): Promise<string> {
  const { env, terminal, userId = process.getuid?.() } = options
  const found = findRedisServer(env) ?? linkedServer(options)
  if (found !== undefined) return found
  const apt = findProgram(['apt-get'], env.PATH)
  if (apt === undefined || userId !== 0) throw noRedis()
  const step = terminal.step('No Redis on this machine: installing one with apt-get')
  try {
    await installRedisTools(apt, step, options)
    const installed = linkedServer(options)
    if (installed === undefined) throw noRedis('The package redis-tools carries no server on this system.')
    step.done('Redis, installed with apt-get (package redis-tools)')
    return installed
  } catch (error) {
    step.fail()
    throw error
  }
}

function findRedisServer({ PATH }: NodeJS.ProcessEnv): string | undefined {
  return findProgram(['redis-server', 'valkey-server'], PATH)
}

type RunOptions = Pick<EnsureRedisServerOptions, 'env' | 'signal'>

async function installRedisTools(apt: string, step: Step, options: RunOptions): Promise<void> {
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', 'redis-tools']
  step.update('apt-get install redis-tools')
  const first = await runApt(apt, install, options)
  if (first.code === 0) return
  step.update('apt-get update')
  await runApt(apt, ['update'], options)
  step.update('apt-get install redis-tools')
  const second = await runApt(apt, install, options)
  if (second.code !== 0) throw noRedis(`apt-get could not install redis-tools:\n${second.output.trim()}`)
}

function runApt(command: string, args: string[], { env, signal }: RunOptions) {
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' }
  return runCommand({ command, args, cwd: '/', env: aptEnv, output: 'capture', signal })
}

/**
 * On Debian and Ubuntu the server's program is in redis-tools, as redis-check-rdb: it looks at the name it is called
 * by. The package redis-server adds that name, and a system service on port 6379, which is not ours to set up.
 */
function linkedServer({ env, binDir }: EnsureRedisServerOptions): string | undefined {
  const program = findProgram(['redis-check-rdb'], env.PATH)
  if (program === undefined) return undefined
  const link = join(binDir, 'redis-server')
  rmSync(link, { force: true })
  symlinkSync(program, link)
  return link
}

function noRedis(reason = 'Redis is needed, and neither redis-server nor valkey-server is on PATH.'): Problem {
  return new Problem(
    [
      reason,
      'One of these helps:',
      '  Debian, Ubuntu   sudo apt-get install redis-server',
      '  Fedora           sudo dnf install valkey',
      '  macOS            brew install redis',
      '  Docker           docker compose up -d redis, then REDIS_URL=redis://127.0.0.1:6379 npm start',
      '  elsewhere        REDIS_URL=redis://user:password@host:6379 npm start',
    ].join('\n'),
  )
}
