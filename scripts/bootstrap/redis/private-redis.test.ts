import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually, startRedis } from '@millrace/testkit'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findProgram } from '../setup/find-program.mjs'
import { commandLineOf } from '../setup/process-identity.mjs'
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts'
import { noteRedis, readRedisNote } from './redis-note.ts'
import { stopLeftoverRedis } from './stop-leftover-redis.ts'

const configFile = resolve(import.meta.dirname, '../../../infra/redis.conf')
let dataDir: string
let folder: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace private "redis" '))
  folder = join(dataDir, 'redis')
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
})

function options(signal = new AbortController().signal) {
  const server = findProgram(['redis-server', 'valkey-server'])
  if (server === undefined) throw new Error('no Redis server on PATH')
  return { server, configFile, dataDir, logFile: join(dataDir, 'redis.log'), signal }
}

async function start(): Promise<PrivateRedis> {
  const redis = await startPrivateRedis(options())
  onTestFinished(() => redis.stop())
  return redis
}

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: null })
  client.on('error', () => undefined)
  try {
    return await question(client)
  } finally {
    client.disconnect()
  }
}

const isAlive = (pid: number) => commandLineOf(pid) !== undefined

describe('a private Redis', () => {
  test('loses nothing and evicts nothing, and no other user of the machine can use it', async () => {
    const { url, port } = await start()
    const setting = async (name: string) => ((await ask(url, (client) => client.config('GET', name))) as string[])[1]
    expect(await setting('appendonly')).toBe('yes')
    expect(await setting('maxmemory-policy')).toBe('noeviction')
    expect(await setting('bind')).toBe('127.0.0.1')
    await expect(ask(`redis://127.0.0.1:${port}`, (client) => client.get('x'))).rejects.toThrow(/NOAUTH/)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('ends when it is stopped, and the next one has its data', async () => {
    const first = await start()
    await ask(first.url, (client) => client.set('kept', 'yes'))
    await first.stop()
    expect(isAlive(first.process.pid)).toBe(false)
    expect(await readRedisNote(folder)).toBeUndefined()
    const second = await start()
    expect(await ask(second.url, (client) => client.get('kept'))).toBe('yes')
  })

  test('that cannot start is a problem with its last words, and leaves no note', async () => {
    const redis = await start()
    await ask(redis.url, (client) => client.set('some', 'data'))
    await redis.stop()
    const log = join(folder, 'appendonlydir')
    for (const file of readdirSync(log)) writeFileSync(join(log, file), 'not what Redis wrote')
    await expect(startPrivateRedis(options())).rejects.toThrow(/ended while it started[\s\S]*AOF/)
    expect(await readRedisNote(folder)).toBeUndefined()
  })

  test('is ended when the person stops us while it starts', async () => {
    await expect(startPrivateRedis(options(AbortSignal.abort()))).rejects.toMatchObject({ name: 'Interrupted' })
    expect(await readRedisNote(folder)).toBeUndefined()
  })
})

/** A process that starts a private Redis and is then killed, as in `kill -9`. */
async function killedStart(): Promise<number> {
  const module = new URL('./private-redis.ts', import.meta.url).href
  const { signal: _, ...given } = options()
  const script = `import { startPrivateRedis } from ${JSON.stringify(module)}
    const signal = new AbortController().signal
    const redis = await startPrivateRedis({ ...${JSON.stringify(given)}, signal })
    process.stdout.write(String(redis.process.pid))`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = await once(starter.stdout, 'data')
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  return Number(pid)
}

describe('what an earlier start has left', () => {
  test('is nothing after an orderly end', async () => {
    expect(await stopLeftoverRedis(dataDir)).toBe(false)
    const redis = await start()
    await redis.stop()
    expect(await stopLeftoverRedis(dataDir)).toBe(false)
  })

  test('is ended when that start was killed, so that two servers never write to one folder', async () => {
    const pid = await killedStart()
    expect(isAlive(pid)).toBe(true)
    expect(await stopLeftoverRedis(dataDir)).toBe(true)
    expect(isAlive(pid)).toBe(false)
    await start()
  })

  test('is not another program that has got the pid since', async () => {
    const other = spawn('sleep', ['600'])
    onTestFinished(() => void other.kill('SIGKILL'))
    mkdirSync(folder)
    await noteRedis(folder, { pid: other.pid ?? 0, port: 1, password: 'x' })
    expect(await stopLeftoverRedis(dataDir)).toBe(false)
    expect(isAlive(other.pid ?? 0)).toBe(true)
    expect(await readRedisNote(folder)).toBeUndefined()
  })

  test("is never somebody else's Redis, even when the note points to it", async () => {
    const other = await startRedis()
    onTestFinished(() => other.stop())
    await noteRedis(folder, { pid: other.pid, port: other.port, password: 'x' })
    await expect(stopLeftoverRedis(dataDir)).rejects.toThrow(new RegExp(`process ${other.pid}.*could not be ended`))
    expect(await ask(other.url, (client) => client.ping())).toBe('PONG')
  })

  test('is told when it lives but does not answer, instead of starting a second one', async () => {
    const redis = await start()
    process.kill(redis.process.pid, 'SIGSTOP')
    try {
      await expect(stopLeftoverRedis(dataDir)).rejects.toThrow(/still runs[\s\S]*kill \d+/)
    } finally {
      process.kill(redis.process.pid, 'SIGCONT')
    }
    await eventually(() => ask(redis.url, (client) => client.ping()))
  })

  test('is no half-written note', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'running.json'), '{"pid": 1')
    expect(await stopLeftoverRedis(dataDir)).toBe(false)
  })
})
