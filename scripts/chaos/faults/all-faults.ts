import { clientFaults } from './client-faults.ts'
import type { Fault, FaultSetting } from './fault.ts'
import { messageFaults } from './message-faults.ts'
import { processFaults } from './process-faults.ts'
import { redisFaults } from './redis-faults.ts'
import { workerFaults } from './worker-faults.ts'

export function allFaults(setting: FaultSetting): Fault[] {
  return [clientFaults, messageFaults, redisFaults, workerFaults, processFaults].flatMap((make) => make(setting))
}
