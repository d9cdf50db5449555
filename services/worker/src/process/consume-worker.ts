import type { ServedModel } from '@millrace/contracts/jobs'
import { consumeJobs, HandBackError, type JobConsumer } from '@millrace/queue'
import type { Life } from '@millrace/runtime'
import type { Redis } from 'ioredis'
import { endGivenUpJob } from '../jobs/end-given-up-job.ts'
import { Quarantine } from '../jobs/quarantine.ts'
import { type RunJobDependencies, runJob } from '../jobs/run-job.ts'
import type { OutageLog } from './outage-log.ts'

export type ConsumeWorkerOptions = Omit<RunJobDependencies, 'giveBack' | 'quarantine'> & {
  redis: Redis
  subscriber: Redis
  prefix: string
  /** How long an ended log can be read, in milliseconds. */
  ttlMs: number
  models: readonly ServedModel[]
  /** Time for running jobs to end by themselves at shutdown, in milliseconds. */
  drainMs: number
  outages: OutageLog
  life: Pick<Life, 'defer'>
}

/** Embeddings are computed one after the other; with a second job at hand the engine never waits for the queue. */
const embeddingConcurrency = 2

/** Takes jobs of all models. Resolves once they are being taken, with the names under which they are held. */
export async function consumeWorker(options: ConsumeWorkerOptions): Promise<string[]> {
  const { models, drainMs, outages, life } = options
  const giveBack = new AbortController()
  const dependencies = { ...options, quarantine: new Quarantine(), giveBack: giveBack.signal }
  const consumers = models.map(({ id: model, kind, slots }) =>
    consumeJobs({
      ...{ ...options, model, kind },
      concurrency: kind === 'generation' ? slots : embeddingConcurrency,
      onError: (error) => outages.warn(error, 'queue'),
      handle: (delivery) => runJob(dependencies, delivery),
      giveUp: (jobId, cause) => endGivenUpJob(options, jobId, cause),
    }),
  )
  life.defer('jobs', () => drain(consumers, giveBack, drainMs))
  await Promise.all(consumers.map((consumer) => consumer.ready()))
  return consumers.map(({ id }) => id)
}

/** Lets running jobs end for a while, then gives the rest back. */
async function drain(consumers: JobConsumer[], giveBack: AbortController, drainMs: number): Promise<void> {
  const timer = setTimeout(() => giveBack.abort(new HandBackError()), drainMs)
  await Promise.all(consumers.map((consumer) => consumer.close()))
  clearTimeout(timer)
}
