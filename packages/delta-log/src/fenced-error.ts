/** Why a writer may not write: see the output codes of `append-frames.lua`. */
export type FenceReason = 'epoch' | 'seq' | 'ended' | 'missing'

const explanations: Record<FenceReason, string> = {
  epoch: 'a later attempt at the job holds the log',
  seq: 'the log is not where this attempt left it',
  ended: 'the log has ended',
  missing: 'the log has expired or was never claimed',
}

/** This attempt at the job has lost its log for good: stop working and write nothing more; see `isLogLost`. */
export class FencedError extends Error {
  readonly jobId: string
  readonly reason: FenceReason

  constructor(jobId: string, reason: FenceReason) {
    super(`This attempt may no longer write the delta log of job ${jobId}: ${explanations[reason]}.`)
    this.name = 'FencedError'
    this.jobId = jobId
    this.reason = reason
  }

  /** Nobody has taken the job over: Redis has forgotten what was logged, so the job has to be tried again. */
  get isLogLost(): boolean {
    return this.reason === 'seq' || this.reason === 'missing'
  }
}
