import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@millrace/testkit'
import type { Child } from '../../cluster/child.ts'
import type { Random } from '../random.ts'

export type RestartMemberOptions = {
  child: Child
  signal: 'SIGKILL' | 'SIGTERM'
  /** Answers once it is back. */
  url: string
  busy: Set<string>
  random: Random
}

const longestAbsenceMs = 1_000
const startLimitMs = 120_000

/** Ends a process and, some time after that, starts it again. Resolves when it answers. */
export async function restartMember({ child, signal, url, busy, random }: RestartMemberOptions): Promise<void> {
  const absenceMs = random.integer(0, longestAbsenceMs)
  busy.add(url)
  child.signal(signal)
  await child.exited
  await delay(absenceMs)
  child.startAgain()
  // Any answer will do: whether it can serve depends on others, which may be down as well.
  await eventually(async () => (await fetch(`${url}/healthz`)).status > 0, { timeoutMs: startLimitMs })
  busy.delete(url)
}
