import type { Frame, Job, TerminalEvent } from '@millrace/contracts/jobs'
import type { AdmittedJob } from '../admission/queue-admission.ts'

/** What it takes to find a job again. */
export type JobAddress = Pick<Job, 'id' | 'model' | 'kind'>

/** What this service needs of the queue. */
export interface QueuePort {
  submit(job: Job, options: { priority: number }): Promise<void>
  cancel(job: JobAddress): Promise<'removed' | 'signalled'>
}

/** What this service needs of the delta logs. */
export interface LogPort {
  open(jobId: string): Promise<void>
  read(jobId: string, options: { after: number; signal: AbortSignal }): AsyncIterable<Frame>
  /** What is in the log now. */
  logged(jobId: string): AsyncIterable<Frame>
  /** Undoes `open`; readings of the job go on. */
  forget(jobId: string): void
  /** Writes the last event of a job that no worker holds. */
  end(jobId: string, event: TerminalEvent): Promise<unknown>
}

/** Hands jobs out, reads what becomes of them, and takes them back. */
export class JobDispatcher {
  readonly #queue: QueuePort
  readonly #log: LogPort

  constructor(ports: { queue: QueuePort; log: LogPort }) {
    this.#queue = ports.queue
    this.#log = ports.log
  }

  /** The log is open before a worker can see the job, so that no frame is missed. */
  async submit({ job, priority }: AdmittedJob): Promise<void> {
    await this.#log.open(job.id)
    await this.#queue.submit(job, { priority })
  }

  /** The job's frames after the seq `after`, until its end. */
  read(job: JobAddress, options: { after: number; signal: AbortSignal }): AsyncIterable<Frame> {
    return this.#log.read(job.id, options)
  }

  /** The job's frames so far. */
  logged(job: JobAddress): AsyncIterable<Frame> {
    return this.#log.logged(job.id)
  }

  /** Nobody waits for the job any more. One that was still waiting gets its last event from here. */
  async cancel(job: JobAddress): Promise<void> {
    const outcome = await this.#queue.cancel(job)
    if (outcome === 'removed') await this.#log.end(job.id, { type: 'job-cancelled' })
  }

  /** Frees what submitting the job took. */
  release(job: JobAddress): void {
    this.#log.forget(job.id)
  }
}
