import { Failure } from '@millrace/contracts/failures'
import type { EmbeddingEvent, Engine, GenerationEvent, Job, ResumePoint } from '@millrace/contracts/jobs'
import { type DeltaLogWriter, FencedError } from '@millrace/delta-log'
import { type Delivery, HandBackError } from '@millrace/queue'
import type { Logger } from '@millrace/runtime'
import { ending } from './ending.ts'
import { JobProgress } from './job-progress.ts'
import { LogSink } from './log-sink.ts'
import type { JobObserver } from './observe-jobs.ts'

export type RunJobDeps = {
  engine: Engine
  log: Pick<DeltaLogWriter, 'claim' | 'append'>
  logger: Logger
  observe: (job: Job) => JobObserver
  /** Aborts when this process must end: running jobs are handed back, and another worker goes on from their logs. */
  handBack: AbortSignal
}

type EngineEvent = GenerationEvent | EmbeddingEvent

/**
 * Runs one job from where its log ends to exactly one terminal event. Throws HandBackError when the job has to go on
 * elsewhere. Returns quietly when another attempt has taken the job over.
 */
export async function runJob(deps: RunJobDeps, { job, signal }: Delivery): Promise<void> {
  const claim = await deps.log.claim(job.id)
  if (claim.terminal) return
  const sink = new LogSink(deps.log, claim)
  const observer = deps.observe(job)
  const progress = new JobProgress(claim.resumeFrom)
  const stop = AbortSignal.any([signal, deps.handBack, sink.failed])
  try {
    stop.throwIfAborted()
    for await (const event of events(deps.engine, job, stop, claim.resumeFrom)) {
      progress.observe(event)
      observer.event(event)
      await sink.write(event)
    }
    await sink.flush()
  } catch (thrown) {
    const reason = stop.aborted ? stop.reason : thrown
    if (reason instanceof HandBackError) {
      await sink.flush()
      observer.handedBack()
      throw reason
    }
    await end(reason)
  }

  async function end(reason: unknown): Promise<void> {
    if (reason instanceof FencedError) {
      deps.logger.info({ jobId: job.id, reason: reason.message }, 'another attempt has taken the job over')
      return observer.fenced()
    }
    if (!(reason instanceof Failure)) deps.logger.error({ jobId: job.id, err: reason }, 'the engine failed')
    const event = ending(reason, progress.usage)
    observer.event(event)
    await sink.write(event)
    await sink.flush()
  }
}

function events(
  engine: Engine,
  job: Job,
  signal: AbortSignal,
  resumeFrom: ResumePoint | undefined,
): AsyncIterable<EngineEvent> {
  if (job.kind === 'embedding') return engine.embed(job, { signal })
  return engine.generate(job, resumeFrom ? { signal, resumeFrom } : { signal })
}
