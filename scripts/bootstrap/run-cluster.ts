import { access, constants, mkdir } from 'node:fs/promises'
import { fetchModelsStep } from './fetch-models-step.ts'
import { type ClusterSettings, readClusterSettings } from './read-cluster-settings.ts'
import { redisStep } from './redis/redis-step.ts'
import { apiKeyFile, ensureApiKey } from './services/api-key.ts'
import { printBanner } from './services/banner.ts'
import { baseUrlOf } from './services/base-url.ts'
import { becomeReady } from './services/become-ready.ts'
import { checkPort } from './services/check-port.ts'
import type { ManagedProcess } from './services/managed-process.ts'
import { startService } from './services/start-service.ts'
import { unexpectedEnd } from './services/unexpected-end.ts'
import { clusterLockFile, runsAlready } from './setup/data-folder.mjs'
import { Problem } from './setup/problem.mjs'
import { takeLock } from './setup/process-lock.mjs'
import type { StopRequest } from './setup/stop-request.mjs'
import type { Terminal } from './setup/terminal.mjs'

export type RunClusterOptions = { root: string; env: NodeJS.ProcessEnv; terminal: Terminal; stop: StopRequest }

/** How much longer than SHUTDOWN_TIMEOUT a service may take until it is killed. */
const killAfterMs = 2_000

/**
 * Starts Redis, worker and api, and ends them in reverse order when it is asked to stop, or when one of them ends.
 *
 * @throws Problem when something cannot be had or does not go on. @throws Interrupted when stopped before it is ready.
 */
export async function runCluster(options: RunClusterOptions): Promise<void> {
  const { terminal, stop } = options
  const cluster = await readClusterSettings(options.env)
  await using started = new AsyncDisposableStack()
  await makeFolder('DATA_DIR', cluster.settings.dataDir)
  await makeFolder('LOG_DIR', cluster.logDir)
  lockDataFolder(cluster.settings.dataDir, started)
  await checkPorts(cluster)

  const { processes, progress } = await startProcesses(options, cluster, started)
  const { settings, port, chatModel, logDir } = cluster
  const failure = unexpectedEnd(processes, logDir)
  const url = baseUrlOf(settings.host, port)
  await becomeReady({ url, terminal, signal: stop.signal, failure, progress })
  printBanner({
    terminal,
    baseUrl: url,
    model: chatModel,
    key: settings.allowedKeys ? undefined : await ensureApiKey(settings.dataDir),
    keyFile: apiKeyFile(settings.dataDir),
    logDir,
  })
  await Promise.race([untilAborted(stop.signal), failure])
}

async function makeFolder(name: string, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem(`The folder ${folder} cannot be used: ${reason}\nSet ${name} to one that can be written to.`)
  }
}

function lockDataFolder(dataDir: string, started: AsyncDisposableStack): void {
  const lock = takeLock(clusterLockFile(dataDir))
  if (lock.release === undefined) throw new Problem(runsAlready(dataDir, lock.holder))
  started.defer(lock.release)
}

async function checkPorts({ settings, port }: ClusterSettings): Promise<void> {
  const { host, workerHost, workerPort } = settings
  await checkPort({ host, port, hostName: 'HOST', portName: 'PORT', example: `PORT=${port + 80} npm start` })
  const example = `WORKER_PORT=${workerPort + 80} npm start`
  await checkPort({ host: workerHost, port: workerPort, hostName: 'WORKER_HOST', portName: 'WORKER_PORT', example })
}

/** In the order in which each needs the one before; `started` ends them in reverse. */
async function startProcesses(options: RunClusterOptions, cluster: ClusterSettings, started: AsyncDisposableStack) {
  const { root, env, terminal, stop } = options
  const { settings, logDir } = cluster
  const redis = await redisStep({ ...options, settings, logDir, signal: stop.signal })
  if (redis.stop) started.defer(stopping('Redis', terminal, redis.stop))
  await fetchModelsStep({ settings, terminal, signal: stop.signal })

  const serviceEnv = { ...env, ...(await environmentOf(cluster)), REDIS_URL: redis.url }
  const graceMs = settings.shutdownTimeoutMs + killAfterMs
  let latest: string | undefined
  const processes: ManagedProcess[] = redis.process ? [redis.process] : []
  for (const name of ['worker', 'api'] as const) {
    const onProgress = (message: string) => {
      latest = message
    }
    const service = await startService({ name, root, logDir, env: serviceEnv, terminal, onProgress })
    started.defer(stopping(`the ${name}`, terminal, () => service.stop({ graceMs, hurry: stop.hurry })))
    processes.push(service)
  }
  return { processes, progress: () => latest }
}

async function environmentOf({ settings, port, logDir }: ClusterSettings): Promise<NodeJS.ProcessEnv> {
  const { dataDir, allowedKeys } = settings
  const keys = allowedKeys ? {} : { ALLOWED_KEYS: `default=${await ensureApiKey(dataDir)}` }
  return { ...keys, DATA_DIR: dataDir, LOG_DIR: logDir, PORT: String(port) }
}

function stopping(name: string, terminal: Terminal, stop: () => Promise<void>) {
  return async () => {
    const step = terminal.step(`stopping ${name}`)
    await stop()
    step.done(`${name} stopped`)
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
