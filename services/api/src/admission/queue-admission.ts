import { Failure } from '@millrace/contracts/failures'
import type { Job, ServiceClass } from '@millrace/contracts/jobs'
import type { Admitted, BacklogLimits, JobQueue, Position } from '@millrace/queue'
import type { Share } from '../coalescing/shared-jobs.ts'
import type { JobAddress } from '../jobs/job-dispatcher.ts'
import type { ModelDirectory } from '../models/model-directory.ts'
import { classDelayTokens } from './class-delay.ts'
import { estimateWait, secondsFor, type WaitEstimate } from './wait-estimate.ts'

/** A job, and what it will probably cost: tokens of prompt and completion. */
export type CostedJob = { job: Job; costTokens: number; share?: Share }

/** A job that was let in, and what the queue is to be told with it. */
export type AdmittedJob = { job: Job; priority: number; share?: Share }

export type QueueAdmissionOptions = {
  queue: Pick<JobQueue, 'admit' | 'withdraw' | 'position'>
  models: Pick<ModelDirectory, 'tokensPerSecond' | 'freeSlots'>
  limits: BacklogLimits
}

/** Retry-After is at least a second, and no more than a person would wait for. */
const [shortestSeconds, longestSeconds] = [1, 600]
/** When nobody knows how fast the workers are. */
const unmeasuredSeconds = 10

/** Bounds what waits for the workers, and says how long it will. */
export class QueueAdmission {
  readonly #options: QueueAdmissionOptions

  constructor(options: QueueAdmissionOptions) {
    this.#options = options
  }

  /**
   * Lets the jobs of one request in, all of them or none, before any is submitted. Throws `overloaded` when the
   * model's queue is full, `rate_limit_exceeded` when the tenant has its share of it; both say when to come back.
   */
  async admit(
    requests: readonly CostedJob[],
    serviceClass: ServiceClass,
  ): Promise<{ jobs: AdmittedJob[]; wait: WaitEstimate }> {
    const [first] = requests
    if (first === undefined) return { jobs: [], wait: { jobsAhead: 0, startsInSeconds: 0 } }
    const { queue, models, limits } = this.#options
    const pace = await models.tokensPerSecond(first.job.model)
    const each = distinct(requests)
    const admitted = await queue.admit(first.job, {
      jobs: each.map(({ job: { id }, costTokens }) => ({ id, costTokens })),
      tenant: first.job.tenant,
      ...{ serviceClass, behindTokens: classDelayTokens(serviceClass, pace), limits },
    })
    if (admitted.outcome !== 'admitted') throw refusal(admitted, { requests, limits, pace })
    const priorities = new Map(each.map(({ job }, index) => [job.id, admitted.priorities[index]]))
    const jobs = requests.map(({ costTokens: _, ...request }) => ({
      ...request,
      priority: priorities.get(request.job.id) ?? 1,
    }))
    const freeSlots = await models.freeSlots(first.job.model)
    return { jobs, wait: estimateWait(admitted, { tokensPerSecond: pace, freeSlots }) }
  }

  /** For jobs that were let in and will not be submitted. */
  async withdraw(jobs: readonly AdmittedJob[]): Promise<void> {
    await Promise.all(jobs.map(({ job }) => this.#options.queue.withdraw(job)))
  }

  /** How long a job will wait from now on; undefined when it does not wait. */
  async wait(job: JobAddress): Promise<WaitEstimate | undefined> {
    const { queue, models } = this.#options
    const position: Position | undefined = await queue.position(job)
    return position && estimateWait(position, { tokensPerSecond: await models.tokensPerSecond(job.model) })
  }
}

/** Choices of one request may share a job. */
function distinct(requests: readonly CostedJob[]): CostedJob[] {
  return [...new Map(requests.map((request) => [request.job.id, request])).values()]
}

type Refused = { requests: readonly CostedJob[]; limits: BacklogLimits; pace: number | undefined }

/** Comes back when the workers will have made the room that is missing. */
function refusal(admitted: Admitted, { requests, limits, pace }: Refused): Failure {
  const cost = requests.reduce((sum, { costTokens }) => sum + costTokens, 0)
  const [jobs, tokens, share, shares] =
    admitted.outcome === 'full'
      ? [admitted.jobsWaiting, admitted.tokensWaiting, 1, 1]
      : [admitted.tenantJobs, admitted.tenantTokens, limits.tenantShare, Math.max(admitted.tenantsWaiting, 1)]
  const missingJobs = Math.max(jobs + requests.length - limits.jobs * share, 0)
  const missingTokens = Math.max(tokens + cost - limits.tokens * share, (missingJobs * tokens) / Math.max(jobs, 1))
  // The other tenants get their turns as well.
  const seconds = secondsFor(missingTokens * shares, pace) ?? unmeasuredSeconds
  const retryAfterSeconds = Math.min(Math.max(seconds, shortestSeconds), longestSeconds)
  const comeBack = `Please try again in ${retryAfterSeconds} s.`
  if (admitted.outcome === 'full') {
    return new Failure('overloaded', `The queue of this model is full: ${jobs} requests wait. ${comeBack}`, {
      retryAfterSeconds,
    })
  }
  const message = `Too many of your requests wait for this model: ${jobs}, with about ${tokens} tokens. ${comeBack}`
  return new Failure('rate_limit_exceeded', message, { retryAfterSeconds })
}
