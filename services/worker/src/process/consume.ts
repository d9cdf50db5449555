import type { Engine } from '@millrace/contracts/jobs'
import { consumeJobs, HandBackError, type JobConsumer } from '@millrace/queue'
import type { Life, Logger } from '@millrace/runtime'
import type { Redis } from 'ioredis'
import { type RunJobDeps, runJob } from '../jobs/run-job.ts'

export type ConsumeOptions = {
  redis: Redis
  subscriber: Redis
  prefix: string
  engine: Engine
  logger: Logger
  /** For running jobs to end by themselves at shutdown, in milliseconds; then they are handed back. */
  drainMs: number
  deps: Omit<RunJobDeps, 'engine' | 'logger' | 'handBack'>
}

/** Takes jobs for every model of the engine, as many at once as each has slots. */
export async function consume(life: Life, options: ConsumeOptions): Promise<void> {
  const { engine, logger, drainMs } = options
  const handBack = new AbortController()
  const deps: RunJobDeps = { ...options.deps, engine, logger, handBack: handBack.signal }
  const consumers = engine.models.map((model) => consumeModel(model, options, deps))
  life.defer('jobs', async () => {
    const timer = setTimeout(() => handBack.abort(new HandBackError()), drainMs)
    await Promise.all(consumers.map((consumer) => consumer.close()))
    clearTimeout(timer)
  })
  await Promise.all(consumers.map((consumer) => consumer.ready()))
}

function consumeModel(model: Engine['models'][number], options: ConsumeOptions, deps: RunJobDeps): JobConsumer {
  const { redis, subscriber, prefix, logger } = options
  return consumeJobs({
    redis,
    subscriber,
    prefix,
    model: model.id,
    kind: model.kind,
    concurrency: model.slots,
    onError: (error) => logger.warn({ err: error, model: model.id }, 'queue'),
    handle: (delivery) => runJob(deps, delivery),
  })
}
