import { flushCompileCache } from 'node:module'
import { DeltaLogWriter } from '@millrace/delta-log'
import { createMetrics, type Life, type Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import { tellSupervisor } from '../ipc/tell-supervisor.ts'
import { Throughput } from '../jobs/throughput.ts'
import { createWorkerMetrics } from '../jobs/worker-metrics.ts'
import { announceWorker } from './announce-worker.ts'
import { connectWorker } from './connect-worker.ts'
import { consumeWorker } from './consume-worker.ts'
import { loadEngine } from './load-engine.ts'
import { OutageLog } from './outage-log.ts'
import { recoverOrphans } from './recover-orphans.ts'
import { repeat } from './repeat.ts'

export type StartWorkerOptions = {
  settings: Settings
  /** Its number among the workers of its supervisor. */
  index: number
  /** The device it is pinned to: the only entry of its `DEVICE`. */
  device: string
  logger: Logger
  life: Life
}

const measureIntervalMs = 1_000

/**
 * Loads the models, takes jobs, and says so. What is built here is closed in the opposite order.
 *
 * @throws StartRefusedError when starting once more would not help.
 */
export async function startWorker(options: StartWorkerOptions): Promise<void> {
  const { settings, index, device, logger, life } = options
  const { redisPrefix: prefix, logTtlMs: ttlMs, threads = 1 } = settings
  const outages = new OutageLog({ logger, intervalMs: 10_000 })
  const { redis, subscriber } = connectWorker({ settings, name: `millrace-worker-${index}`, outages, life })
  const engine = await loadEngine({ settings, threads, device: device === 'cpu' ? 'cpu' : 'cuda', logger })
  life.defer('engine', () => engine.close())
  const writer = new DeltaLogWriter({ redis, prefix, ttlMs })
  life.defer('delta logs', () => writer.close())
  const registry = createMetrics({ service: 'millrace-worker' })
  registry.setDefaultLabels({ service: 'millrace-worker', worker: String(index) })
  const metrics = createWorkerMetrics(registry, engine)
  const { models } = engine
  const throughput = new Throughput()
  const announce = announceWorker({ redis, prefix, device, engine, throughput, logger, life })
  const { maxCrashes, drainTimeoutMs: drainMs } = settings
  const running = { models, engine, writer, metrics, throughput, maxCrashes, drainMs, logger, outages, life }
  await announce(await consumeWorker({ redis, subscriber, prefix, ttlMs, ...running }))
  recoverOrphans({ redis, prefix, models, logger, life })
  // Not only at its end, which may be a sudden one.
  flushCompileCache()
  await tellSupervisor({ type: 'worker-ready', models: models.map(({ id }) => id) })
  const measure = async () => tellSupervisor({ type: 'worker-measured', metrics: await registry.getMetricsAsJSON() })
  const onError = (error: unknown) => logger.warn({ err: error }, 'could not measure')
  void repeat(measure, { intervalMs: measureIntervalMs, signal: life.signal, onError })
}
