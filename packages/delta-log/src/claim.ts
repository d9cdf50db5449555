import type { ResumePoint, TerminalEvent } from '@millrace/contracts/jobs'

/** One attempt's right to write a job's log. Appends are tied to this very object. */
export type Claim = {
  readonly jobId: string
  /** Which attempt this is; every earlier one is fenced off. */
  readonly epoch: number
  /** The last frame of the attempts before; 0 when there is none. */
  readonly lastSeq: number
  /** What the attempts before generated; absent when they logged no token. */
  readonly resumeFrom?: ResumePoint
  /** Set when the job has ended already: there is nothing to do, and nothing may be appended. */
  readonly terminal?: TerminalEvent
}
