import { createHash } from 'node:crypto'
import type { JobKind } from '@millrace/contracts/jobs'

/** Which queue a job waits in: one for each kind of job of each model. */
export type QueueAddress = { kind: JobKind; model: string }

/** Every name that this package uses in Redis, BullMQ's own included. `prefix` is `REDIS_PREFIX`. */
export class QueueKeys {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** What BullMQ puts before the keys of all its queues. */
  get bullPrefix(): string {
    return `${this.#prefix}:queue`
  }

  /** Readable, and unique through the hash: model ids may hold `/` or `:`, which BullMQ refuses in a name. */
  queueName({ kind, model }: QueueAddress): string {
    const slug = model
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
    const hash = createHash('sha256').update(model).digest('hex').slice(0, 8)
    return `${kind}-${slug}-${hash}`
  }

  /** Where a queue's backlog is kept; see `backlog.lua`. */
  backlog(address: QueueAddress): { jobs: string; line: string; expiry: string; sums: string } {
    const key = (part: string) => `${this.#prefix}:backlog:${this.queueName(address)}:${part}`
    return { jobs: key('jobs'), line: key('line'), expiry: key('expiry'), sums: key('sums') }
  }

  /** Channel on which the ids of cancelled jobs are told to the consumers of a queue. */
  cancelChannel(address: QueueAddress): string {
    return `${this.#prefix}:cancel:${this.queueName(address)}`
  }

  /** Set for a while when a job that was not waiting is cancelled, for whoever is about to run it. */
  cancelFlag(jobId: string): string {
    return `${this.#prefix}:cancelled:${jobId}`
  }

  /** The sign of life of one worker process. */
  worker(workerId: string): string {
    return `${this.#prefix}:worker:${workerId}`
  }

  /** Set of the ids of all workers that may be alive. */
  get workers(): string {
    return `${this.#prefix}:workers`
  }
}
