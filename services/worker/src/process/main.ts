import { hostname } from 'node:os'
import type { Engine, WorkerStatus } from '@millrace/contracts/jobs'
import { DeltaLogWriter } from '@millrace/delta-log'
import { WorkerRegistry } from '@millrace/queue'
import { connectRedis, createLogger, createMetrics, type Life, type Logger, runProcess } from '@millrace/runtime'
import { readSettings, type Settings } from '@millrace/runtime/settings'
import { Gauge, type Registry } from 'prom-client'
import { observeJobs } from '../jobs/observe-jobs.ts'
import { permanentFailureExitCode } from '../supervisor/child-message.ts'
import { announce } from './announce.ts'
import { answerSupervisor, tellSupervisor } from './answer-supervisor.ts'
import { consume } from './consume.ts'
import { loadEngine } from './load-engine.ts'

const [number = '1', device = 'cpu'] = process.argv.slice(2)
const service = `millrace-worker-${number}`
/** Of the time for shutting down, the part in which running jobs may still end by themselves. */
const drainShare = 0.6

async function start(life: Life, settings: Settings, logger: Logger): Promise<void> {
  const metrics = createMetrics({ service: 'millrace-worker' })
  metrics.setDefaultLabels({ service: 'millrace-worker', worker: number })
  answerSupervisor(metrics)
  const engine = await load(settings, logger)
  life.defer('engine', () => engine.close())
  measureSlots(engine, metrics)

  const { redisPrefix: prefix, logTtlMs: ttlMs } = settings
  const redis = connect('consumer')
  const subscriber = connect('subscriber')
  const log = new DeltaLogWriter({ redis, prefix, ttlMs })
  life.defer('delta log', () => log.close())
  const registry = new WorkerRegistry({ redis, prefix })
  const drainMs = drainShare * settings.shutdownTimeoutMs
  const deps = { log, observe: observeJobs(metrics) }
  await consume(life, { redis, subscriber, prefix, engine, logger, drainMs, deps })
  const onError = (error: unknown) => logger.warn({ err: error }, 'could not announce this worker')
  life.defer('announcement', await announce({ registry, status: statusOf(engine), onError }))
  tellSupervisor({ type: 'worker-ready' })

  function connect(role: 'consumer' | 'subscriber') {
    const onError = (error: Error) => logger.warn({ err: error, role }, 'redis')
    const connection = connectRedis({ url: redisUrl(settings), role, name: `${service}-${role}`, onError })
    life.defer(`redis ${role}`, () => connection.disconnect())
    return connection
  }
}

/** What keeps an engine from loading (no CUDA, no weights, too little memory) will do so the next time too. */
async function load(settings: Settings, logger: Logger): Promise<Engine> {
  try {
    const { modelId, embeddingModelId, modelsDir, hfToken, slots, contextSize, threads = 1 } = settings
    return await loadEngine(settings.engineModule, {
      modelId,
      embeddingModelId,
      modelsDir,
      hfToken,
      slots,
      contextSize,
      threads,
      device: device === 'cpu' ? 'cpu' : 'cuda',
      onProgress: (step, fraction) => tellSupervisor({ type: 'step-progressed', step, fraction }),
      onWarning: (message) => logger.info({ native: true }, message),
    })
  } catch (error) {
    logger.fatal({ err: error }, 'the models cannot be loaded')
    process.exit(permanentFailureExitCode)
  }
}

function redisUrl({ redisUrl: url }: Settings): string {
  if (url === undefined) throw new Error('REDIS_URL is not set')
  return url
}

function statusOf(engine: Engine): () => WorkerStatus {
  const startedAtMs = Date.now()
  const host = hostname()
  const id = `${host}-${process.pid}-${startedAtMs}`
  const { models } = engine
  return () => ({ id, device, pid: process.pid, host, startedAtMs, models: [...models], busySlots: engine.busySlots() })
}

function measureSlots(engine: Engine, metrics: Registry): void {
  const slots = engine.models.filter(({ kind }) => kind === 'generation').reduce((sum, model) => sum + model.slots, 0)
  const registers = [metrics]
  new Gauge({ name: 'millrace_worker_slots', help: 'Generations that can run at once.', registers }).set(slots)
  new Gauge({
    name: 'millrace_worker_busy_slots',
    help: 'Generations that run at the moment.',
    registers,
    collect() {
      this.set(engine.busySlots())
    },
  })
}

const settings = readSettings(process.env)
const { logLevel: level, logDir: dir, logMaxBytes: maxBytes, logMaxFiles: maxFiles } = settings
const logger = createLogger({ service, level, dir, maxBytes, maxFiles })
await runProcess({
  title: service,
  shutdownTimeoutMs: settings.shutdownTimeoutMs,
  logger,
  start: (life) => start(life, settings, logger),
})
