import { createHash } from 'node:crypto'
import type { Job } from '@millrace/contracts/jobs'
import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { failAsUnavailable } from '../fail-as-unavailable.ts'

const unreachable = 'The job queue cannot be reached at the moment. Please try again in a moment.'

const script = new LuaScript(new URL('./share-job.lua', import.meta.url))

/** A request's part in a job that others may wait for as well. */
export type Share = {
  /** Where the members of the job are kept. */
  key: string
  /** The id that the job would have had if it were not shared. */
  member: string
}

export type SharedJobsOptions = { redis: Redis; prefix: string }

/** Jobs that several requests of one tenant wait for, on whichever replica: identical ones whose result is bound to be. */
export class SharedJobs {
  readonly #options: SharedJobsOptions

  constructor(options: SharedJobsOptions) {
    this.#options = options
  }

  /**
   * The job under the id of the one that is under way already, if there is such a one. Every member submits it: that
   * is harmless, and nobody depends on the process that came first.
   */
  async join<T extends Job>(job: T): Promise<{ job: T; share: Share }> {
    const key = `${this.#options.prefix}:shared-job:${digest(job)}`
    const lifeMs = Math.max(job.deadlineAtMs - Date.now(), 1)
    const id = await this.#run(key, ['join', job.id, lifeMs])
    return { job: { ...job, id: String(id) }, share: { key, member: job.id } }
  }

  /** The member waits no more. True: nobody does, and the job can be cancelled. */
  async abandon(jobId: string, { key, member }: Share): Promise<boolean> {
    return (await this.#run(key, ['abandon', jobId, member])) === 1
  }

  /** The job is over: whoever comes now starts another one. */
  async finish(jobId: string, { key }: Share): Promise<void> {
    await this.#run(key, ['finish', jobId])
  }

  #run(key: string, values: (string | number)[]): Promise<unknown> {
    return failAsUnavailable(unreachable, script.run(this.#options.redis, [key], values))
  }
}

/** Equal for jobs of one tenant that ask for the same and may take as long. */
function digest(job: Job): string {
  const { id: _, requestId: __, submittedAtMs, deadlineAtMs, ...asked } = job
  // Who always takes the likeliest token draws nothing.
  const isGreedy = asked.kind === 'generation' && asked.sampling.temperature === 0
  const same = isGreedy ? { ...asked, sampling: { ...asked.sampling, seed: 0 } } : asked
  return createHash('sha256')
    .update(JSON.stringify([same, deadlineAtMs - submittedAtMs]))
    .digest('hex')
}
