import type { TerminalEvent } from '@millrace/contracts/jobs'
import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { LogKeys } from './log-keys.ts'
import { logLifetimes } from './log-lifetimes.ts'
import { asClientFailure } from './redis-outage.ts'

const script = new LuaScript(new URL('./close-log.lua', import.meta.url))

export type CloseLogOptions = {
  redis: Redis
  prefix: string
  /** How long the log lives from now on, in milliseconds. */
  ttlMs: number
  jobId: string
  event: TerminalEvent
}

/**
 * Ends the log of a job that no worker holds (it was removed from the queue, or never got there), so that its
 * readers hear of it. A worker that holds it after all is fenced off. Resolves to false when the log had ended
 * before: that ending stands. Throws a Failure (`queue_unavailable`) while Redis is away; repeating is safe.
 */
export async function closeLog({ redis, prefix, ttlMs, jobId, event }: CloseLogOptions): Promise<boolean> {
  const keys = new LogKeys(prefix)
  const { endedMs } = logLifetimes(ttlMs)
  const values = [keys.channelPrefix, endedMs, JSON.stringify(jobId), JSON.stringify(event)]
  try {
    return (await script.run(redis, keys.both(jobId), values)) === 1
  } catch (error) {
    throw asClientFailure(error, redis)
  }
}
