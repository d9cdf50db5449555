import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { Fault } from './fault.ts'
import type { FaultLog, FaultRecord } from './fault-log.ts'

export type InjectFaultsOptions = {
  faults: readonly Fault[]
  count: number
  /** Between two faults, in the middle of many. */
  pauseMs: number
  random: Random
  log: FaultLog
  signal: AbortSignal
  onInjected: (record: FaultRecord) => void
}

/** Injects faults at random moments, while earlier ones may still last. Resolves when all victims are back. */
export async function injectFaults(options: InjectFaultsOptions): Promise<void> {
  const { faults, count, pauseMs, random, log, signal, onInjected } = options
  const healing: Promise<void>[] = []
  for (let injected = 0; injected < count && !signal.aborted; ) {
    await delay(random.next() * 2 * pauseMs)
    const fault = random.weighted(faults)
    const atMs = performance.now()
    const injection = await fault.inject(random)
    if (injection === undefined) continue
    injected++
    const { target, healed } = injection
    const record = log.add({ kind: fault.kind, target, atMs })
    if (healed !== undefined) healing.push(untilHealed(record, healed))
    else record.healedAtMs = performance.now()
    onInjected(record)
  }
  await Promise.all(healing)
}

async function untilHealed(record: FaultRecord, healed: Promise<void>): Promise<void> {
  // Until it is back the fault lasts.
  record.healedAtMs = Number.POSITIVE_INFINITY
  await healed
  record.healedAtMs = performance.now()
}
