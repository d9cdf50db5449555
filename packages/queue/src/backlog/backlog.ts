import { ServiceClass } from '@millrace/contracts/jobs'
import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { QueueAddress, QueueKeys } from '../queue-keys.ts'
import { type AdmitOptions, type Admittance, readAdmittance } from './admittance.ts'

const script = new LuaScript(new URL('./backlog.lua', import.meta.url))

/** From being let in to being in the queue: whoever takes longer has died. */
const admittedMs = 60_000
/** After its deadline a job needs a moment to be ended. */
const spareMs = 60_000

/** When it is a job's turn: the smaller its place, the sooner. */
export type Turn = { serviceClass: ServiceClass; place: number }

const Turn = z
  .tuple([ServiceClass, z.coerce.number()])
  .transform(([serviceClass, place]): Turn => ({ serviceClass, place }))
  .or(z.tuple([]).transform(() => undefined))

/** Where a job waits, how much waits, and how much the jobs cost that run. */
export type Position = { jobsAhead: number; jobsWaiting: number; tokensWaiting: number; tokensRunning: number }

export type BacklogOptions = { redis: Redis; keys: QueueKeys; address: QueueAddress }

/** The jobs of one queue that were let in and are not over, as all replicas and workers see them. See `backlog.lua`. */
export class Backlog {
  readonly #redis: Redis
  readonly #keys: { jobs: string; line: string; expiry: string; sums: string }

  constructor({ redis, keys, address }: BacklogOptions) {
    this.#redis = redis
    this.#keys = keys.backlog(address)
  }

  /** Lets jobs in, all of them or none. A job that is in already keeps its place. */
  async admit({ jobs, tenant, serviceClass, behindTokens, limits }: AdmitOptions): Promise<Admittance> {
    const { jobs: mostJobs, tokens: mostTokens, tenantShare } = limits
    const costs = jobs.flatMap(({ id, costTokens }) => [id, Math.max(1, Math.round(costTokens))])
    const who = [serviceClass, Math.round(behindTokens), tenant]
    return readAdmittance(
      await this.#run('admit', Date.now(), mostJobs, mostTokens, tenantShare, ...who, admittedMs, ...costs),
    )
  }

  /** The job is in the queue now. */
  async submit({ id, deadlineAtMs }: { id: string; deadlineAtMs: number }): Promise<void> {
    await this.#run('submit', id, deadlineAtMs + spareMs)
  }

  /** A worker has taken the job. Undefined: it is not known here. */
  async start(jobId: string): Promise<Turn | undefined> {
    return Turn.parse(await this.#run('start', jobId))
  }

  /** The job waits again, where it waited before. */
  async giveBack(jobId: string): Promise<void> {
    await this.#run('giveBack', jobId)
  }

  /** The job is over. Its tenant is charged what it used, when that is known, and not what was expected. */
  async leave(jobId: string, usedTokens?: number): Promise<void> {
    await this.#run('leave', jobId, usedTokens === undefined ? '' : Math.round(usedTokens))
  }

  /** Undefined: the job does not wait. */
  async position(jobId: string): Promise<Position | undefined> {
    const { line, sums } = this.#keys
    const [rank, count, [tokens, running]] = await Promise.all([
      this.#redis.zrank(line, jobId),
      this.#redis.zcard(line),
      this.#redis.hmget(sums, 'tokens', 'running'),
    ])
    if (rank === null) return undefined
    const sum = { tokensWaiting: Number(tokens ?? 0), tokensRunning: Number(running ?? 0) }
    return { jobsAhead: rank, jobsWaiting: Math.max(count, rank + 1), ...sum }
  }

  /** The first of those that wait, with their turns. */
  async front(count: number): Promise<({ id: string } & Turn)[]> {
    const ids = await this.#redis.zrange(this.#keys.line, 0, String(count - 1))
    const turns = ids.length === 0 ? [] : await this.#redis.hmget(this.#keys.jobs, ...ids)
    return ids.flatMap((id, index) => {
      const [, , , place, serviceClass] = turns[index]?.split(' ') ?? []
      const parsed = ServiceClass.safeParse(serviceClass)
      return parsed.success ? [{ id, place: Number(place), serviceClass: parsed.data }] : []
    })
  }

  /** All jobs with their places, and a new origin for these. */
  async places(): Promise<Map<string, number>> {
    const entries = Object.entries(await this.#redis.hgetall(this.#keys.jobs))
    return new Map(entries.map(([id, entry]) => [id, Number(entry.split(' ')[3])]))
  }

  async moveBase(base: number): Promise<void> {
    await this.#redis.hset(this.#keys.sums, { base })
  }

  /** Takes what may be taken once in so long, in this whole cluster. */
  async takeOnce(what: string, forMs: number): Promise<boolean> {
    return (await this.#redis.set(`${this.#keys.sums}:${what}`, '1', 'PX', forMs, 'NX')) !== null
  }

  #run(...values: (string | number)[]): Promise<unknown> {
    const { jobs, line, expiry, sums } = this.#keys
    return script.run(this.#redis, [jobs, line, expiry, sums], values)
  }
}
