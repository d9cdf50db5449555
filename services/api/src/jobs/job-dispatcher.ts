import type { Frame, Job, TerminalEvent } from '@millrace/contracts/jobs'
import type { AdmittedJob } from '../admission/queue-admission.ts'
import type { SharedJobs } from '../coalescing/shared-jobs.ts'

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

/** What this service needs of jobs that several requests wait for. */
export type SharingPort = Pick<SharedJobs, 'abandon' | 'finish'>

/** Hands jobs out, reads what becomes of them, and takes them back. */
export class JobDispatcher {
  readonly #queue: QueuePort
  readonly #log: LogPort
  readonly #sharing: SharingPort

  constructor(ports: { queue: QueuePort; log: LogPort; sharing: SharingPort }) {
    this.#queue = ports.queue
    this.#log = ports.log
    this.#sharing = ports.sharing
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

  /** A request no longer waits for its job, which is cancelled unless others share it. */
  async abandon({ job, share }: Pick<AdmittedJob, 'share'> & { job: JobAddress }): Promise<void> {
    if (share === undefined || (await this.#sharing.abandon(job.id, share))) await this.cancel(job)
  }

  /** The job of a request is over. */
  async finish({ job, share }: AdmittedJob): Promise<void> {
    if (share !== undefined) await this.#sharing.finish(job.id, share)
  }

  /** Frees what submitting the job took. */
  release(job: JobAddress): void {
    this.#log.forget(job.id)
  }
}
