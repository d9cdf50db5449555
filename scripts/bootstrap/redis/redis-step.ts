import { join } from 'node:path'
import type { Settings } from '@millrace/runtime/settings'
import type { ManagedProcess } from '../services/managed-process.ts'
import type { Terminal } from '../setup/terminal.mjs'
import { ensureRedisServer } from './ensure-redis-server.ts'
import { checkExternalRedis } from './external-redis.ts'
import { startPrivateRedis } from './private-redis.ts'
import { stopLeftoverRedis } from './stop-leftover-redis.ts'

export type RedisStepOptions = {
  root: string
  settings: Settings
  logDir: string
  env: NodeJS.ProcessEnv
  terminal: Terminal
  signal: AbortSignal
}

/** The Redis of a cluster. `process` and `stop` are there when it is a private one. */
export type ClusterRedis = { url: string; process?: ManagedProcess; stop?: () => Promise<void> }

/** The server at REDIS_URL, else a private one. @throws Problem when there is no way to either. */
export async function redisStep(options: RedisStepOptions): Promise<ClusterRedis> {
  const { redisUrl } = options.settings
  return redisUrl === undefined ? privateRedis(options) : externalRedis(redisUrl, options)
}

async function externalRedis(url: string, { terminal }: RedisStepOptions): Promise<ClusterRedis> {
  const step = terminal.step('Redis')
  try {
    const { label, warnings } = await checkExternalRedis(url)
    step.done(label)
    for (const warning of warnings) terminal.warn(warning)
    return { url }
  } catch (error) {
    step.fail()
    throw error
  }
}

async function privateRedis(options: RedisStepOptions): Promise<ClusterRedis> {
  const { root, settings, logDir, terminal, signal } = options
  const { dataDir } = settings
  const server = await ensureRedisServer({ ...options, binDir: join(root, '.millrace/toolchain/bin') })
  const step = terminal.step('Redis')
  try {
    step.update('looking for one of an earlier start')
    if (await stopLeftoverRedis(dataDir)) terminal.line('    the Redis of an earlier start still ran; it was ended')
    step.update('loading its data')
    const configFile = join(root, 'infra/redis.conf')
    const logFile = join(logDir, 'redis.log')
    const redis = await startPrivateRedis({ server, configFile, dataDir, logFile, signal })
    step.done(`Redis, private, on port ${redis.port} of 127.0.0.1`)
    return redis
  } catch (error) {
    step.fail()
    throw error
  }
}
