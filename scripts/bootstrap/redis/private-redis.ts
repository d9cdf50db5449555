import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../cluster/free-port.ts'
import { ManagedProcess } from '../services/managed-process.ts'
import { Interrupted, Problem } from '../setup/problem.mjs'
import { forgetRedis, noteRedis } from './redis-note.ts'

export type PrivateRedisOptions = {
  /** The server program. */
  server: string
  /** `infra/redis.conf`. */
  configFile: string
  dataDir: string
  logFile: string
  signal: AbortSignal
}

/** A Redis that belongs to this start. */
export type PrivateRedis = { url: string; port: number; process: ManagedProcess; stop: () => Promise<void> }

const attempts = 5
const retryMs = 30
const stopGraceMs = 30_000

/**
 * Starts a private Redis on a free port of 127.0.0.1, with its data in `<dataDir>/redis` and a password that only the
 * processes of this cluster know: the machine may have other users. Resolves when its data is loaded.
 *
 * @throws Problem with its last words when it does not start. @throws Interrupted when `signal` is aborted.
 */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<PrivateRedis> {
  const folder = join(options.dataDir, 'redis')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    const started = await tryStart(options, folder)
    if (started) return started
    // Between choosing a port and listening on it another process took it.
    if (attempt === attempts) throw new Problem('The private Redis found no free port on 127.0.0.1.')
  }
}

async function tryStart(options: PrivateRedisOptions, folder: string): Promise<PrivateRedis | undefined> {
  // What is in it afterwards was said by this server.
  await rm(options.logFile, { force: true })
  const port = await freePort()
  const password = randomBytes(24).toString('hex')
  const server = await ManagedProcess.start({
    name: 'Redis',
    command: options.server,
    args: ['-'],
    cwd: folder,
    env: process.env,
    input: configuration({ ...options, folder, port, password }),
  })
  await noteRedis(folder, { pid: server.pid, port, password })
  const stop = async () => {
    await server.stop({ graceMs: stopGraceMs })
    await forgetRedis(folder)
  }
  const url = `redis://:${password}@127.0.0.1:${port}`
  try {
    await Promise.race([untilReady(url, options.signal), server.ended])
    if (!server.hasEnded) return { url, port, process: server, stop }
  } catch (error) {
    await stop()
    throw error
  }
  await forgetRedis(folder)
  return explainEnd(server, options.logFile)
}

/** Standard input instead of arguments: those are shown by `ps`. */
function configuration(options: PrivateRedisOptions & { folder: string; port: number; password: string }): string {
  const { configFile, folder, logFile, port, password } = options
  return [
    `include ${quote(configFile)}`,
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${quote(folder)}`,
    `logfile ${quote(logFile)}`,
    'daemonize no',
    '',
  ].join('\n')
}

/** Redis reads quoted words with the escapes of C. */
function quote(text: string): string {
  return JSON.stringify(text)
}

/** However long it loads: it is watched for its end beside this. */
async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  const redis = new Redis(url, { retryStrategy: () => retryMs, maxRetriesPerRequest: null })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const interrupt = () => reject(new Interrupted())
  signal.addEventListener('abort', interrupt)
  if (signal.aborted) interrupt()
  redis.on('error', () => undefined).once('ready', resolve)
  await promise.finally(() => {
    signal.removeEventListener('abort', interrupt)
    redis.disconnect()
  })
}

/** Undefined when another port may help. */
async function explainEnd(server: ManagedProcess, logFile: string): Promise<undefined> {
  const log = await readFile(logFile, 'utf8').catch(() => '')
  const last = [...log.trim().split('\n').slice(-8), ...server.lastLines].filter(Boolean).join('\n')
  if (/Address already in use/i.test(last)) return undefined
  throw new Problem(`The private Redis ended while it started (${await server.ended}). Its last lines:\n${last}`)
}
