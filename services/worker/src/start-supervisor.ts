import { join } from 'node:path'
import { createMetrics, type Life, type Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import { deviceName } from './devices/device.ts'
import { type GpuList, listGpus } from './devices/list-gpus.ts'
import { physicalCores } from './devices/physical-cores.ts'
import { processEnv } from './devices/process-env.ts'
import { resolveDevices } from './devices/resolve-devices.ts'
import { shareThreads } from './devices/share-threads.ts'
import { shutdownBudget } from './shutdown-budget.ts'
import { createSupervisorApp } from './supervisor/create-supervisor-app.ts'
import { recoverJobs } from './supervisor/recover-jobs.ts'
import { serveHttp } from './supervisor/serve-http.ts'
import { Supervisor } from './supervisor/supervisor.ts'

export type StartSupervisorOptions = {
  settings: Settings
  /** What the worker processes inherit. */
  env: Readonly<Record<string, string | undefined>>
  logger: Logger
  life: Life
}

const program = new URL('./process/main.ts', import.meta.url)
const backoff = { firstMs: 100, longestMs: 30_000, healthyMs: 60_000 }

/** Starts one worker process per device, and the HTTP server that tells how they are. */
export async function startSupervisor({ settings, env, logger, life }: StartSupervisorOptions): Promise<void> {
  const { redisUrl } = settings
  if (redisUrl === undefined) throw new Error('REDIS_URL is not set: there is no cluster without Redis.')
  const supervisor = new Supervisor({
    workers: await planWorkers(settings, env, logger),
    program,
    backoff,
    logger,
    registry: createMetrics({ service: 'millrace-worker-supervisor' }),
    onDeath: recoverJobs({ redisUrl, prefix: settings.redisPrefix, logger, life }),
    onHopeless: (error) => life.fail(error),
  })
  const app = createSupervisorApp(supervisor)
  const server = await serveHttp(app, { host: settings.workerHost, port: settings.workerPort })
  life.defer('http server', server.close)
  logger.info({ url: server.url }, 'listening')
  life.signal.throwIfAborted()
  life.defer('workers', () => supervisor.stop(shutdownBudget(settings.shutdownTimeoutMs).killMs))
  supervisor.start()
}

async function planWorkers(settings: Settings, env: StartSupervisorOptions['env'], logger: Logger) {
  const devices = await resolveDevices(settings.devices, () => listGpusLoudly(logger))
  const threads = shareThreads(devices, { threads: settings.threads, cores: physicalCores() })
  // A worker that is started again is back a quarter of a second sooner with its code compiled already.
  const cached = { NODE_COMPILE_CACHE: join(settings.dataDir, 'cache', 'node'), ...env }
  return devices.map((device, index) => ({
    device: deviceName(device),
    env: processEnv({ env: cached, device, threads: threads[index] ?? 1 }),
  }))
}

/** `auto` goes on without GPUs when the driver is broken; that must not go unseen. */
async function listGpusLoudly(logger: Logger): Promise<GpuList> {
  const list = await listGpus()
  if (list.problem !== undefined)
    logger.warn({ problem: list.problem }, 'the NVIDIA driver does not answer as expected')
  logger.info({ gpus: list.gpus }, 'CUDA devices')
  return list
}
