import { Redis } from 'ioredis'
import { Problem } from '../setup/problem.mjs'

const connectTimeoutMs = 5_000

/** A Redis that somebody else runs: what to call it, and what about it endangers jobs. */
export type ExternalRedis = { label: string; warnings: string[] }

/**
 * Looks at the server at `url` and changes nothing there.
 *
 * @throws Problem when it does not answer.
 */
export async function checkExternalRedis(url: string): Promise<ExternalRedis> {
  const { host } = new URL(url)
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: connectTimeoutMs,
    commandTimeout: connectTimeoutMs,
  })
  let reason: Error | undefined
  redis.on('error', (error) => {
    reason = error
  })
  try {
    await redis.connect()
    const info = await redis.info()
    return { label: `Redis ${field(info, 'redis_version') ?? ''} at ${host}`, warnings: warningsOf(info) }
  } catch (error) {
    throw unreachable(host, reason ?? error)
  } finally {
    redis.disconnect()
  }
}

function warningsOf(info: string): string[] {
  const policy = field(info, 'maxmemory_policy')
  const warnings = []
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push(
      `This Redis has maxmemory-policy ${policy}: when its memory is full it deletes jobs and tokens. ` +
        'Set it to noeviction.',
    )
  }
  if (field(info, 'aof_enabled') === '0') {
    warnings.push('This Redis has no append-only file: its restart loses accepted jobs. Set appendonly to yes.')
  }
  return warnings
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
}

function unreachable(host: string, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error)
  return new Problem(
    `The Redis at REDIS_URL (${host}) cannot be used: ${reason}\n` +
      'Check that it runs, the port and the password; or unset REDIS_URL to have a private one started.',
  )
}
