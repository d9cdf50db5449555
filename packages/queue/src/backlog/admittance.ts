import type { ServiceClass } from '@millrace/contracts/jobs'
import { z } from 'zod'

/** How much may wait in a queue. */
export type BacklogLimits = {
  jobs: number
  tokens: number
  /** Of both, for one tenant; 0 to 1. */
  tenantShare: number
}

export type AdmitOptions = {
  /** What each is expected to cost: tokens of prompt and completion. */
  jobs: readonly { id: string; costTokens: number }[]
  tenant: string
  serviceClass: ServiceClass
  /** How much work, in tokens, may go before what comes at the same time in the first class. */
  behindTokens: number
  limits: BacklogLimits
}

export type Admittance = {
  /** `full`: the queue's limits are reached; `share-used`: the tenant's share of them. Then none of the jobs is in. */
  outcome: 'admitted' | 'full' | 'share-used'
  /** What waited before, of everybody and of the tenant itself. */
  jobsWaiting: number
  tokensWaiting: number
  tenantsWaiting: number
  tenantJobs: number
  tenantTokens: number
  /** Waiting jobs that come before the first of these. */
  jobsAhead: number
  /** What the jobs that run now are expected to cost altogether. */
  tokensRunning: number
  /** Virtual time: the place of what begins now, and the place that BullMQ's priorities count from. */
  clock: number
  base: number
  /** One for each of the jobs, in their order; none when they were refused. */
  places: number[]
}

const outcomes = { 1: 'admitted', '-1': 'full', '-2': 'share-used' } as const
const count = z.coerce.number().nonnegative()
const Reply = z.tuple([z.literal([1, -1, -2]), count, count, count, count, count, count, count, count, count], count)

export function readAdmittance(reply: unknown): Admittance {
  const [
    code,
    jobsWaiting,
    tokensWaiting,
    tenantsWaiting,
    tenantJobs,
    tenantTokens,
    jobsAhead,
    tokensRunning,
    clock,
    base,
    ...places
  ] = Reply.parse(reply)
  const waiting = { jobsWaiting, tokensWaiting, tenantsWaiting, tenantJobs, tenantTokens, jobsAhead, tokensRunning }
  return { outcome: outcomes[code], ...waiting, clock, base, places }
}
