import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { endWithUs } from './end-with-us.ts'

/** A running Redis server that belongs to this process. */
export type RedisProcess = {
  readonly pid: number
  /** SIGTERM (Redis then writes its data out), SIGKILL if that takes too long. A dead server is fine. */
  stop(): Promise<void>
}

export type RedisProcessOptions = {
  binary: string
  port: number
  dir: string
  /** When written commands are forced to the disk (`appendfsync`); `everysec` when unset. */
  fsync?: 'everysec' | 'always'
}

/** The port was taken between choosing it and listening on it. */
export class PortTakenError extends Error {
  override name = 'PortTakenError'
}

type Child = ChildProcessByStdio<null, Readable, Readable>

const startTimeoutMs = 60_000
const stopTimeoutMs = 5_000

/** Starts a server with an append-only file and without eviction, and resolves when it accepts connections. */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const child: Child = spawn(options.binary, serverArguments(options), { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const callOff = child.pid === undefined ? undefined : endWithUs(child.pid)
  void exited.then(callOff)
  try {
    await untilReady(child)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return { pid: child.pid ?? 0, stop: () => stopChild(child, exited) }
}

function serverArguments({ port, dir, fsync = 'everysec' }: RedisProcessOptions): string[] {
  const durable = ['--appendonly', 'yes', '--appendfsync', fsync, '--save', '', '--maxmemory-policy', 'noeviction']
  return ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--daemonize', 'no', '--logfile', '', ...durable]
}

/** The server's own log says when the append-only file is loaded and the port is open. */
async function untilReady(child: Child): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let output = ''
  const read = (chunk: Buffer) => {
    output += chunk.toString()
    if (output.includes('Ready to accept connections')) resolve()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  child.once('error', reject)
  child.once('close', () => reject(startError(output)))
  const timer = setTimeout(() => reject(startError(output)), startTimeoutMs)
  await promise.finally(() => clearTimeout(timer))
  // From here on nobody reads the log, but it must not fill the pipe.
  child.stdout.off('data', read).resume()
  child.stderr.off('data', read).resume()
}

function startError(output: string): Error {
  if (output.includes('Address already in use')) return new PortTakenError('the port is taken')
  return new Error(`the Redis server did not start:\n${output}`)
}

async function stopChild(child: Child, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await exited
  clearTimeout(killer)
}
