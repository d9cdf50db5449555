import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Problem } from '../setup/problem.mjs'
import { commandLineOf } from '../setup/process-identity.mjs'
import { forgetRedis, type RedisNote, readRedisNote } from './redis-note.ts'

const answerTimeoutMs = 5_000
const endTimeoutMs = 30_000
const pollMs = 50

/**
 * Ends the private Redis of an earlier start that was killed: two servers on one folder would destroy its data. Only
 * a server that accepts our password, has our data folder and is the noted process is asked to end.
 *
 * @returns whether there was one.
 * @throws Problem when it lives but does not answer, or does not end.
 */
export async function stopLeftoverRedis(dataDir: string): Promise<boolean> {
  const folder = join(dataDir, 'redis')
  const note = await readRedisNote(folder)
  const found = note !== undefined && isRedis(note)
  if (found) await shutDown(note, folder)
  await forgetRedis(folder)
  return found
}

/** The pid may have been given to another program since. Redis shows its port in its title. */
function isRedis({ pid, port }: RedisNote): boolean {
  const commandLine = commandLineOf(pid) ?? ''
  return /redis-server|valkey-server/.test(commandLine) && commandLine.includes(`:${port}`)
}

async function shutDown(note: RedisNote, folder: string): Promise<void> {
  const redis = new Redis(`redis://:${note.password}@127.0.0.1:${note.port}`, {
    lazyConnect: true,
    // While it loads its data it answers what we ask, though nothing else.
    enableReadyCheck: false,
    retryStrategy: null,
    connectTimeout: answerTimeoutMs,
    commandTimeout: answerTimeoutMs,
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    if (await isOurs(redis, note, folder)) process.kill(note.pid, 'SIGTERM')
    else throw new Error('it has another data folder or process id')
  } catch (error) {
    throw unusable(note, error)
  } finally {
    redis.disconnect()
  }
  await untilEnded(note)
}

async function isOurs(redis: Redis, { pid }: RedisNote, folder: string): Promise<boolean> {
  const info = await redis.info('server')
  const [, dir] = (await redis.call('CONFIG', 'GET', 'dir')) as [string, string]
  return info.includes(`process_id:${pid}\r\n`) && dir === (await realpath(folder))
}

async function untilEnded(note: RedisNote): Promise<void> {
  const deadlineMs = performance.now() + endTimeoutMs
  while (isRedis(note)) {
    if (performance.now() > deadlineMs) throw unusable(note, new Error(`it has not ended in ${endTimeoutMs / 1000} s`))
    await sleep(pollMs)
  }
}

function unusable({ pid, port }: RedisNote, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error)
  return new Problem(
    `A private Redis of an earlier start still runs (process ${pid}, port ${port}) and could not be ended: ${reason}\n` +
      `If it is yours, end it with: kill ${pid}`,
  )
}
