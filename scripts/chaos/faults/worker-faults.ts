import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { Cluster } from '../../cluster/start-cluster.ts'
import type { Random } from '../random.ts'
import type { Fault, FaultSetting } from './fault.ts'

const Health = z.object({ workers: z.array(z.object({ state: z.string(), pid: z.int().optional() })) })
const answerLimitMs = 2_000

/** Longer than a worker may be silent before the others take its jobs. */
const longFreezeMs = 7_000
const shortFreezeMs = 1_500

/** Ends worker processes, which their supervisors start again, or stops them for a while. */
export function workerFaults({ cluster, busy }: FaultSetting): Fault[] {
  const end = (kind: string, weight: number, signal: 'SIGKILL' | 'SIGTERM'): Fault => ({
    kind,
    weight,
    async inject(random) {
      const pid = await pickWorker(cluster, busy, random)
      if (pid === undefined || !send(pid, signal)) return undefined
      return { target: String(pid) }
    },
  })
  return [
    end('kill -9 worker', 9, 'SIGKILL'),
    end('SIGTERM worker', 5, 'SIGTERM'),
    {
      kind: 'SIGSTOP worker',
      weight: 8,
      async inject(random) {
        const pid = await pickWorker(cluster, busy, random)
        if (pid === undefined || !send(pid, 'SIGSTOP')) return undefined
        return { target: String(pid), healed: thaw(pid, busy, freezeMs(random)) }
      },
    },
  ]
}

function freezeMs(random: Random): number {
  return random.next() < 0.25 ? longFreezeMs : random.integer(100, shortFreezeMs)
}

async function thaw(pid: number, busy: Set<string>, afterMs: number): Promise<void> {
  busy.add(String(pid))
  await delay(afterMs)
  send(pid, 'SIGCONT')
  busy.delete(String(pid))
}

async function pickWorker({ supervisorUrls }: Cluster, busy: Set<string>, random: Random): Promise<number | undefined> {
  const answers = await Promise.all(supervisorUrls.map(readyWorkers))
  const pids = answers.flat().filter((pid) => !busy.has(String(pid)))
  return pids.length === 0 ? undefined : random.pick(pids)
}

/** None when the supervisor does not answer. */
async function readyWorkers(supervisorUrl: string): Promise<number[]> {
  try {
    const response = await fetch(`${supervisorUrl}/healthz`, { signal: AbortSignal.timeout(answerLimitMs) })
    const { workers } = Health.parse(await response.json())
    return workers.flatMap(({ state, pid }) => (state === 'ready' && pid !== undefined ? [pid] : []))
  } catch {
    return []
  }
}

/** False when the process has gone already. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
