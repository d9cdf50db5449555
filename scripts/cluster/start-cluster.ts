import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually, startRedis, type TestRedis, uniquePrefix } from '@millrace/testkit'
import { type Child, startChild } from './child.ts'
import { freePort } from './free-port.ts'

const repository = resolve(import.meta.dirname, '../..')
const main = (service: string) => new URL(`../../services/${service}/src/main.ts`, import.meta.url)

export type ClusterOptions = {
  /** API processes, each on a port of its own. */
  apis?: number
  /** `DEVICE` of each worker supervisor: one worker process per entry. */
  devices?: string
  /** Worker supervisors: what would be nodes of their own. */
  supervisors?: number
  /** Run on the scripted engine instead of the real models: exact texts, no weights. */
  scripted?: boolean
  /** Redis writes each command to the disk before it answers, so that even killing it loses nothing. */
  durableRedis?: boolean
  /** Further settings for every process. */
  env?: Record<string, string>
}

/** A whole Millrace on this machine: a private Redis, APIs and a worker supervisor, as separate processes. */
export type Cluster = AsyncDisposable & {
  /** Base URLs of the APIs. */
  readonly urls: readonly [string, ...string[]]
  readonly apiKey: string
  readonly redis: TestRedis
  readonly redisUrl: string
  readonly redisPrefix: string
  readonly apis: readonly Child[]
  readonly supervisors: readonly Child[]
  /** Where each of them tells how it is. */
  readonly supervisorUrls: readonly string[]
  /** The first of them. */
  readonly supervisor: Child
  readonly supervisorUrl: string
}

/** Starts the processes and resolves when every API is ready. Disposing of the cluster ends all of them. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  await using started = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-cluster-'))
  started.defer(() => rm(dataDir, { recursive: true, force: true }))
  const redis = await startRedis(options.durableRedis ? { fsync: 'always' } : {})
  started.defer(() => redis.stop())
  const apiKey = 'test-key-of-the-cluster'
  const env = { ALLOWED_KEYS: `default=${apiKey}`, ...settings(options), DATA_DIR: dataDir, REDIS_URL: redis.url }

  const startMembers = async (service: string, portVariable: string, count = 1) => {
    const [children, memberUrls]: [Child[], string[]] = [[], []]
    for (let index = 0; index < count; index++) {
      const port = await freePort()
      const child = startChild(main(service), { ...env, [portVariable]: String(port) })
      started.defer(() => child.stop())
      children.push(child)
      memberUrls.push(`http://127.0.0.1:${port}`)
    }
    return [children, memberUrls] as const
  }
  const [supervisors, supervisorUrls] = await startMembers('worker', 'WORKER_PORT', options.supervisors)
  const [apis, urls] = await startMembers('api', 'PORT', options.apis)
  await untilReady(urls, [...supervisors, ...apis])
  const [supervisor] = supervisors
  const [supervisorUrl] = supervisorUrls
  if (!supervisor || !supervisorUrl) throw new RangeError('a cluster needs a supervisor')
  const stack = started.move()
  return {
    urls: urls as [string, ...string[]],
    apiKey,
    redis,
    redisUrl: redis.url,
    redisPrefix: env.REDIS_PREFIX,
    apis,
    supervisors,
    supervisorUrls,
    supervisor,
    supervisorUrl,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function settings({ devices = 'cpu', scripted = false, env = {} }: ClusterOptions) {
  return {
    DEVICE: devices,
    REDIS_PREFIX: uniquePrefix(),
    LOG_LEVEL: 'warn',
    THREADS: '1',
    ...modelSettings(),
    ...(scripted ? { ENGINE_MODULE: '@millrace/testkit/scripted-engine' } : {}),
    ...env,
  }
}

/** Weights are shared by all test clusters, so that they are fetched once. */
function modelSettings(): Record<string, string> {
  return { MODELS_DIR: process.env.MODELS_DIR ?? join(repository, 'data/models') }
}

async function untilReady(urls: string[], children: Child[]): Promise<void> {
  const died = Promise.race(
    children.map(async (child) => {
      const code = await child.exited
      throw new Error(`a process of the cluster ended with ${code} before it was ready:\n${child.output()}`)
    }),
  )
  const ready = eventually(
    async () => {
      const answers = await Promise.all(urls.map((url) => fetch(`${url}/readyz`)))
      return answers.every((answer) => answer.ok)
    },
    { timeoutMs: 120_000 },
  )
  await Promise.race([ready, died])
}
