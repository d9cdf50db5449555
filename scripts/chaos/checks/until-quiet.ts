import { type JobQueue, WorkerRegistry } from '@millrace/queue'
import { eventually } from '@millrace/testkit'
import type { Redis } from 'ioredis'
import { strayKeys } from './stray-keys.ts'

export type QuietOptions = {
  redis: Redis
  prefix: string
  queue: JobQueue
  models: { generation: string; embedding: string }
  /** Worker processes that must be there. */
  workers: number
}

/** A killed supervisor's worker may wait half a minute for its next start. */
const limitMs = 90_000

/**
 * Waits until nothing is left of what was asked: no job in the queues, no slot taken, no lock, no stray key, and all
 * workers back. Resolves to what is left all the same after a while.
 */
export async function untilQuiet(options: QuietOptions): Promise<string[]> {
  let remains: string[] = []
  const quiet = async () => {
    remains = await whatRemains(options)
    return remains.length === 0
  }
  return await eventually(quiet, { timeoutMs: limitMs, intervalMs: 200 }).then(
    () => [],
    () => remains,
  )
}

async function whatRemains({ redis, prefix, queue, models, workers: expected }: QuietOptions): Promise<string[]> {
  const workers = await new WorkerRegistry({ redis, prefix }).list()
  const serving = workers.filter(({ draining }) => !draining).length
  const busy = workers.reduce((sum, { busySlots }) => sum + busySlots, 0)
  const remains: string[] = []
  if (serving !== expected) remains.push(`${serving} of ${expected} workers serve`)
  if (busy > 0) remains.push(`${busy} slots are taken`)
  for (const [kind, model] of Object.entries(models)) {
    const { waiting, active } = await queue.counts(model, kind === 'embedding' ? 'embedding' : 'generation')
    if (waiting + active > 0) remains.push(`${waiting} ${kind} jobs wait and ${active} run`)
  }
  return [...remains, ...(await strayKeys(redis, prefix))]
}
