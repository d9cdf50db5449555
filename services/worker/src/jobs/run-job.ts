import { Failure } from '@millrace/contracts/failures'
import { type Engine, isTerminal, type Job, type JobEvent, type ResumePoint } from '@millrace/contracts/jobs'
import { type DeltaLogWriter, FencedError } from '@millrace/delta-log'
import { type Delivery, HandBackError } from '@millrace/queue'
import type { Logger } from '@millrace/runtime'
import { AttemptLog } from './attempt-log.ts'
import { AttemptMeter } from './attempt-meter.ts'
import { endingOf } from './ending-of.ts'
import { followSignals } from './follow-signals.ts'
import { beginProbation } from './probation.ts'
import type { Quarantine } from './quarantine.ts'
import type { Throughput } from './throughput.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

export type RunJobDependencies = {
  engine: Pick<Engine, 'generate' | 'embed'>
  writer: Pick<DeltaLogWriter, 'claim' | 'append'>
  metrics: WorkerMetrics
  throughput: Throughput
  logger: Logger
  /** Where jobs whose last worker died get going one by one. */
  quarantine: Quarantine
  /** A job is given up when its worker has died this often without getting any further. */
  maxCrashes: number
  /** Aborts when running jobs shall go back to the queue, with a HandBackError as its reason. */
  giveBack: AbortSignal
}

type Attempt = RunJobDependencies & {
  delivery: Delivery
  job: Job
  log: AttemptLog
  meter: AttemptMeter
  signal: AbortSignal
}

/**
 * Does a job, and writes to its delta log what comes of it, up to exactly one terminal event. Resolves when there is
 * nothing left to do, also when another attempt has taken the job over. Throws when the job shall be tried again:
 * it is to be given back, or its log cannot be written, or has lost its end.
 */
export async function runJob(dependencies: RunJobDependencies, delivery: Delivery): Promise<void> {
  const { writer, logger, giveBack } = dependencies
  const { job } = delivery
  const meter = new AttemptMeter(dependencies, job)
  const claim = await writer.claim(job.id)
  if (claim.terminal !== undefined) return meter.end('skipped')
  if (claim.resumeFrom !== undefined) meter.resume(claim.resumeFrom)
  const log = new AttemptLog(writer, claim)
  using stop = followSignals([delivery.signal, log.failed, giveBack])
  const attempt = { ...dependencies, delivery, job, log, meter, signal: stop.signal }
  try {
    await logEvents(attempt, claim.resumeFrom).catch((error: unknown) => logEnding(attempt, error))
  } catch (error) {
    if (!(error instanceof FencedError) || error.isLogLost) {
      meter.end('returned')
      throw error
    }
    meter.end('fenced')
    logger.info({ jobId: job.id, requestId: job.requestId, epoch: claim.epoch, reason: error.reason }, 'lost the job')
  }
}

/** From the engine to the log. Ends normally only when a terminal event has been logged. */
async function logEvents(attempt: Attempt, resumeFrom: ResumePoint | undefined): Promise<void> {
  const { log, meter, signal, delivery } = attempt
  signal.throwIfAborted()
  using probation = await beginProbation(attempt)
  let ended = false
  for await (const event of eventsOf(attempt, resumeFrom)) {
    // The engine knows when it began; how long the job waited is the worker's to say.
    const known = event.type === 'job-started' ? { ...event, queuedMs: meter.queuedMs } : event
    meter.observe(known)
    await log.push(known)
    await probation.passed(known)
    if (known.type !== 'job-started' && meter.usage)
      delivery.advance(meter.usage.promptTokens + meter.usage.completionTokens)
    ended = isTerminal(known)
    if (ended) break
  }
  if (!ended) throw new Error('The engine ended a job without a terminal event.')
  await log.flush()
  meter.end('finished')
}

function eventsOf({ engine, job, signal }: Attempt, resumeFrom: ResumePoint | undefined): AsyncIterable<JobEvent> {
  if (job.kind === 'embedding') return engine.embed(job, { signal })
  return engine.generate(job, resumeFrom === undefined ? { signal } : { signal, resumeFrom })
}

/** Ends the log of a job that stopped early; rethrows what forbids that. */
async function logEnding({ job, log, meter, logger, signal }: Attempt, thrown: unknown): Promise<void> {
  // Once the signal has aborted, its reason says why the engine stopped, whatever it threw.
  const reason: unknown = signal.aborted ? signal.reason : thrown
  if (log.failed.aborted) throw log.failed.reason
  if (reason instanceof HandBackError) throw reason
  if (!(reason instanceof Failure)) {
    logger.error({ err: reason, jobId: job.id, requestId: job.requestId }, 'the engine failed')
  }
  const ending = endingOf(reason, meter.usage)
  await log.push(ending)
  await log.flush()
  if (ending.type === 'job-cancelled') meter.end('cancelled')
  else meter.end('failed', ending.code)
}
