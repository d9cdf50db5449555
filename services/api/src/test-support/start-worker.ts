import { type Failure, toFailure } from '@millrace/contracts/failures'
import type { Engine, Job, JobEvent, TerminalEvent } from '@millrace/contracts/jobs'
import { DeltaLogWriter } from '@millrace/delta-log'
import { consumeJobs, type Delivery, WorkerRegistry } from '@millrace/queue'
import { connectRedis } from '@millrace/runtime'
import { uniquePrefix } from '@millrace/testkit'
import { createEngine } from '@millrace/testkit/scripted-engine'
import type { TestCluster } from './test-cluster.ts'

export const chatModel = 'smollm2-135m-instruct'
export const embeddingModel = 'all-minilm-l6-v2'

export type WorkerOptions = {
  slots?: number
  /** Of a whole answer. */
  tokens?: number
  /** Of each slot; 0 for as fast as possible. */
  tokensPerSecond?: number
  /** The pace that it announces; none when unset. */
  announcedTokensPerSecond?: number
}

export type TestWorker = {
  engine: Engine
  /** Jobs handled so far, in the order of their arrival. */
  jobs: Job[]
  close(): Promise<void>
}

/** A worker in this process: the real queue, delta log and registry around the scripted engine. */
export async function startWorker(cluster: TestCluster, options: WorkerOptions = {}): Promise<TestWorker> {
  const { prefix, url } = cluster
  const connect = (role: 'consumer' | 'subscriber') =>
    connectRedis({ url, role, name: `test-${role}`, onError: () => undefined })
  const [redis, subscriber] = [connect('consumer'), connect('subscriber')]
  const engine = await scriptedEngine(options)
  const jobs: Job[] = []
  const writer = new DeltaLogWriter({ redis, prefix, ttlMs: 60_000 })
  const consumers = engine.models.map(({ id: model, kind, slots }) =>
    consumeJobs({
      ...{ redis, subscriber, prefix, model, kind, concurrency: slots },
      onError: () => undefined,
      handle: async (delivery) => {
        jobs.push(delivery.job)
        await runJob({ engine, writer, ...delivery })
      },
    }),
  )
  await Promise.all(consumers.map((consumer) => consumer.ready()))
  const stopAnnouncing = await announce(new WorkerRegistry({ redis, prefix }), engine, options)
  const close = async () => {
    await stopAnnouncing()
    await Promise.all(consumers.map((consumer) => consumer.close()))
    await writer.close()
    redis.disconnect()
    subscriber.disconnect()
  }
  return { engine, jobs, close }
}

async function scriptedEngine({ slots = 8, tokens = 32, tokensPerSecond = 0 }: WorkerOptions): Promise<Engine> {
  process.env.SCRIPTED_TOKENS = String(tokens)
  process.env.SCRIPTED_TOKENS_PER_SECOND = String(tokensPerSecond)
  return await createEngine({
    ...{ modelId: chatModel, embeddingModelId: embeddingModel, slots },
    ...{ modelsDir: '', hfToken: undefined, device: 'cpu', contextSize: 4096, threads: 1 },
  })
}

async function announce(
  registry: WorkerRegistry,
  engine: Engine,
  { announcedTokensPerSecond: pace }: WorkerOptions,
): Promise<() => Promise<void>> {
  const { models } = engine
  const status = { device: 'cpu', pid: process.pid, host: 'test', startedAtMs: Date.now() }
  const throughput = pace === undefined ? {} : { throughput: { [chatModel]: pace } }
  const idle = { consumers: [], draining: false, ...throughput }
  const id = uniquePrefix()
  const beat = () => registry.announce({ ...status, ...idle, busySlots: engine.busySlots(), id, models: [...models] })
  await beat()
  // Redis may be away in a test; the next beat makes up for it.
  const timer = setInterval(() => beat().catch(() => undefined), 1000)
  return async () => {
    clearInterval(timer)
    await registry.withdraw(id)
  }
}

async function runJob({ engine, writer, job, signal }: Delivery & { engine: Engine; writer: DeltaLogWriter }) {
  const claim = await writer.claim(job.id)
  if (claim.terminal !== undefined) return
  const pending: Promise<void>[] = []
  const append = (event: JobEvent) => void pending.push(writer.append(claim, [event]))
  try {
    signal.throwIfAborted()
    const events = job.kind === 'generation' ? engine.generate(job, { signal }) : engine.embed(job, { signal })
    for await (const event of events) append(event)
  } catch (error) {
    append(ending(toFailure(error)))
  }
  await Promise.all(pending)
}

function ending(failure: Failure): TerminalEvent {
  if (failure.code === 'cancelled') return { type: 'job-cancelled' }
  const { code, message, param } = failure
  return { type: 'job-failed', code, message, ...(param === undefined ? {} : { param }) }
}
