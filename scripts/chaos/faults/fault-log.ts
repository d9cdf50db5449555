import type { Gap } from '../clients/answer.ts'

export type FaultRecord = {
  kind: string
  target: string
  /** Of `performance.now()`. */
  atMs: number
  /** When the victim was back; unset for what heals by itself. */
  healedAtMs?: number
}

/** Silences begin a little before the fault is noted. */
const toleranceMs = 250

/** What was done to the cluster, and when. */
export class FaultLog {
  readonly records: FaultRecord[] = []

  add(record: FaultRecord): FaultRecord {
    this.records.push(record)
    return record
  }

  countByKind(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { kind } of this.records) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return counts
  }

  /** The faults that fell into a time, or lasted into it. */
  during({ fromMs, toMs }: Gap): FaultRecord[] {
    return this.records.filter(({ atMs, healedAtMs = atMs }) => healedAtMs >= fromMs - toleranceMs && atMs <= toMs)
  }

  /** Whether the API at `url` was being ended or started then: the only good reason to lose a connection. */
  explainsLoss(loss: { url: string; atMs: number }): boolean {
    const around = this.during({ fromMs: loss.atMs, toMs: loss.atMs })
    return around.some(({ target }) => target === loss.url)
  }
}
