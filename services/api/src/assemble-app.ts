import { createAudit, createMetrics, type Life, type Logger } from '@millrace/runtime'
import type { Settings } from '@millrace/runtime/settings'
import { QueueAdmission } from './admission/queue-admission.ts'
import { createApp } from './app.ts'
import { KeyRing } from './auth/key-ring.ts'
import { connectCluster } from './connect-cluster.ts'
import { createGenerations } from './generations/create-generations.ts'
import { InFlight } from './jobs/in-flight.ts'
import { loadSystemPrompt } from './load-system-prompt.ts'
import { configuredModels } from './models/configured-models.ts'
import { ModelDirectory } from './models/model-directory.ts'
import { createQuotas } from './quota/create-quotas.ts'
import { createApiMetrics } from './telemetry/api-metrics.ts'
import { measureQueueDepth } from './telemetry/queue-depth.ts'

export type AssembleAppOptions = { settings: Settings; logger: Logger; life: Pick<Life, 'defer'> }

export type AssembledApp = { app: ReturnType<typeof createApp>; inFlight: InFlight }

/** The HTTP application with everything it needs, connected to its cluster; not listening. */
export async function assembleApp({ settings, logger, life }: AssembleAppOptions): Promise<AssembledApp> {
  const { allowedKeys, redisPrefix: prefix } = settings
  if (allowedKeys === undefined) throw new Error('ALLOWED_KEYS is not set: nobody could use this server.')
  const { redis, queue, workers, dispatcher, sharedJobs } = connectCluster({ settings, logger, life })
  const registry = createMetrics({ service: 'api' })
  const { chat, all } = configuredModels(settings)
  const models = new ModelDirectory({ workers, configured: all })
  measureQueueDepth({
    ...{ registry, models: () => models.queues(), counts: (model, kind) => queue.counts(model, kind) },
    onError: (error) => logger.warn({ err: error }, 'the queues were not measured'),
  })
  const inFlight = new InFlight()
  const app = createApp({
    ...{ models, dispatcher, sharedJobs, coalesce: settings.coalesce, inFlight, registry, logger },
    ...createGenerations({ settings, redis, logger, life }),
    admission: new QueueAdmission({ queue, models, limits: settings.backlog }),
    quotas: createQuotas({ settings, redis, prefix, logger, life }),
    metrics: createApiMetrics(registry),
    keys: new KeyRing(allowedKeys),
    audit: createAudit(logger),
    pingRedis: () => redis.ping(),
    defaultChatModel: chat,
    systemPrompt: await loadSystemPrompt(settings.systemPrompt),
    bodyLimits: { limitBytes: settings.bodyLimitBytes, timeoutMs: settings.bodyTimeoutMs },
    maxTokens: settings.maxTokens,
    requestTimeoutMs: settings.requestTimeoutMs,
    keepAliveMs: settings.keepAliveMs,
  })
  return { app, inFlight }
}
