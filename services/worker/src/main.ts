import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { createLogger, createMetrics, type Life, type Logger, runProcess } from '@millrace/runtime'
import { readSettings, type Settings, SettingsError } from '@millrace/runtime/settings'
import { Gauge } from 'prom-client'
import { deviceLabel } from './devices/device.ts'
import { listCudaDevices } from './devices/list-cuda-devices.ts'
import { resolveDevices } from './devices/resolve-devices.ts'
import { physicalCores, threadCount } from './devices/thread-count.ts'
import { Supervisor } from './supervisor/supervisor.ts'
import { supervisorApp } from './supervisor/supervisor-app.ts'

const service = 'millrace-worker-supervisor'
/** What is left for the supervisor itself, after its processes have had their time to end. */
const marginMs = 2_000

async function start(life: Life, settings: Settings, logger: Logger): Promise<void> {
  const devices = await resolveDevices(settings.devices, listCudaDevices)
  const threads = settings.threads ?? threadCount(devices, await physicalCores())
  logger.info({ devices: devices.map(deviceLabel), threads }, 'starting worker processes')
  const supervisor = new Supervisor({
    devices,
    threads,
    env: process.env,
    logger,
    onAllFailed: () => life.fail(new Error('no worker process can start')),
  })
  life.defer('worker processes', () => supervisor.stop(settings.shutdownTimeoutMs))
  supervisor.start()
  await listen(life, settings, supervisor)
}

async function listen(life: Life, { workerHost, workerPort }: Settings, supervisor: Supervisor): Promise<void> {
  const registry = createMetrics({ service })
  new Gauge({
    name: 'millrace_worker_restarts',
    help: 'How often a worker process was started again, since the supervisor started.',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      for (const { number, restarts } of supervisor.workers) this.set({ worker: String(number) }, restarts)
    },
  })
  const server = serve({ fetch: supervisorApp({ supervisor, registry }).fetch, hostname: workerHost, port: workerPort })
  life.defer('http', () => new Promise((resolve) => server.close(() => resolve())))
  await once(server, 'listening')
}

try {
  const settings = readSettings(process.env)
  const { logLevel: level, logDir: dir, logMaxBytes: maxBytes, logMaxFiles: maxFiles } = settings
  const logger = createLogger({ service, level, dir, maxBytes, maxFiles })
  await runProcess({
    title: service,
    shutdownTimeoutMs: settings.shutdownTimeoutMs + marginMs,
    logger,
    start: (life) => start(life, settings, logger),
  })
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
