import type { Engine, Job, JobEvent } from '@millrace/contracts/jobs'
import { DeltaLogWriter } from '@millrace/delta-log'
import { connectRedis, createLogger } from '@millrace/runtime'
import { collect, startRedis, type TestRedis, uniquePrefix } from '@millrace/testkit'
import { createEngine } from '@millrace/testkit/scripted-engine'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { vi } from 'vitest'
import { Quarantine } from '../jobs/quarantine.ts'
import { type RunJobDependencies, runJob } from '../jobs/run-job.ts'
import { Throughput } from '../jobs/throughput.ts'
import { createWorkerMetrics } from '../jobs/worker-metrics.ts'
import { JobClient } from './job-client.ts'
import { chatModel, embeddingModel } from './jobs.ts'

const logger = createLogger({ service: 'test', level: 'silent' })

export const never = new AbortController().signal

/** What the tests of the job runner share: a real Redis, a client that reads the logs, and metrics. */
export class JobFixture {
  readonly server: TestRedis
  readonly redis: Redis
  readonly prefix = uniquePrefix()
  readonly client: JobClient
  registry = new Registry()
  /** Ids of the jobs that have got further after a crash. */
  readonly exonerated: string[] = []

  static async start(): Promise<JobFixture> {
    return new JobFixture(await startRedis())
  }

  constructor(server: TestRedis) {
    this.server = server
    this.redis = connectRedis({ url: server.url, role: 'consumer', name: 'test', onError: () => undefined })
    this.client = new JobClient(server.url, this.prefix)
  }

  writer(): DeltaLogWriter {
    return new DeltaLogWriter({ redis: this.redis, prefix: this.prefix, ttlMs: 60_000 })
  }

  /** Runs a job as one worker would, with metrics of its own. */
  async run(
    job: Job,
    options: Partial<RunJobDependencies> & { signal?: AbortSignal; crashes?: number } = {},
  ): Promise<void> {
    const { signal = never, crashes = 0, ...changes } = options
    this.registry = new Registry()
    const metrics = createWorkerMetrics(this.registry, { models: [], busySlots: () => 0 })
    const engine = changes.engine ?? (await anEngine())
    const limits = { throughput: new Throughput(), quarantine: new Quarantine(), maxCrashes: 3, giveBack: never }
    const exonerate = async () => void this.exonerated.push(job.id)
    const advance = () => undefined
    const delivery = { job, signal, crashes, advance, countCrashes: async () => undefined, exonerate }
    await runJob({ writer: this.writer(), metrics, logger, ...limits, ...changes, engine }, delivery)
  }

  /** Everything in the log of a job that has ended, or will. */
  logged(job: Job): Promise<JobEvent[]> {
    return collect(this.client.read(job.id))
  }

  async stop(): Promise<void> {
    await this.client.close()
    this.redis.disconnect()
    await this.server.stop()
  }
}

/** A scripted engine; as fast as possible unless told otherwise. */
export async function anEngine({ tokens = 20, perSecond = 0 } = {}): Promise<Engine> {
  vi.stubEnv('SCRIPTED_TOKENS', String(tokens))
  vi.stubEnv('SCRIPTED_TOKENS_PER_SECOND', String(perSecond))
  const models = { modelId: chatModel, embeddingModelId: embeddingModel, modelsDir: '', hfToken: undefined }
  return createEngine({ ...models, device: 'cpu', slots: 2, contextSize: 100_000, threads: 1 })
}

/** An engine whose generations do what the test says. */
export function engineOf(generate: Engine['generate']): Pick<Engine, 'generate' | 'embed'> {
  const embed = () => {
    throw new Error('no embedding was to be expected')
  }
  return { generate, embed }
}

/** For jobs that must not get that far. */
export const unwantedEngine = engineOf(() => {
  throw new Error('the engine was asked')
})
