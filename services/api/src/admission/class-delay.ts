import type { ServiceClass } from '@millrace/contracts/jobs'

/**
 * How long a job of a class stands behind what comes at the same time in the first class: so many seconds of the
 * workers' time. It is how classes age. A flex request or a batch line is overtaken by all that is more urgent and
 * comes within that time, but by nothing that comes later, so that it starts even when the pressure never ends.
 */
const delaySeconds: Record<ServiceClass, number> = { priority: 0, default: 15, flex: 60, batch: 600 }
/** A CPU's pace, used until a worker has measured its own. */
const unmeasuredTokensPerSecond = 100

export function classDelayTokens(serviceClass: ServiceClass, tokensPerSecond = unmeasuredTokensPerSecond): number {
  return Math.round(delaySeconds[serviceClass] * tokensPerSecond)
}
