import type { Memory } from '../checks/memory.ts'
import type { Answer } from '../clients/answer.ts'
import { labelOf } from '../clients/request.ts'
import type { FaultLog, FaultRecord } from '../faults/fault-log.ts'

export type Violation = {
  round: number
  what: string
  /** What was done to the cluster while the request ran. */
  faults: FaultRecord[]
}

export type KindReport = {
  injected: number
  /** Longest silence that it fell into, in milliseconds, and the longest with no other kind of fault. */
  worstGapMs: number
  worstGapAloneMs: number
}

export type ChaosReport = {
  command: string
  seconds: number
  rounds: number
  faults: Record<string, KindReport>
  answersByClient: Record<string, number>
  choices: number
  choicesAsExpected: number
  vectors: number
  tokens: number
  tokensLost: number
  tokensDoubled: number
  reconnections: number
  memoryMib: { first: Memory; last: Memory } | undefined
  violations: Violation[]
}

export function newReport(command: string): ChaosReport {
  return {
    ...{
      command,
      seconds: 0,
      rounds: 0,
      faults: {},
      answersByClient: {},
      choices: 0,
      choicesAsExpected: 0,
      vectors: 0,
    },
    ...{ tokens: 0, tokensLost: 0, tokensDoubled: 0, reconnections: 0, memoryMib: undefined, violations: [] },
  }
}

/** Counts an answer, whatever it is worth. */
export function enterAnswer(report: ChaosReport, { request, losses, departures, vectors, choices }: Answer): void {
  const label = labelOf(request)
  report.answersByClient[label] = (report.answersByClient[label] ?? 0) + 1
  report.reconnections += losses.length + departures
  report.vectors += vectors.length
  report.choices += choices.length
}

/** How long clients were kept waiting by which kind of fault. */
export function enterGaps(report: ChaosReport, answers: readonly Answer[], log: FaultLog): void {
  for (const [kind, injected] of log.countByKind()) {
    report.faults[kind] = { worstGapMs: 0, worstGapAloneMs: 0, ...report.faults[kind], injected }
  }
  for (const gap of answers.flatMap(({ gaps }) => gaps)) {
    const ms = Math.round(gap.toMs - gap.fromMs)
    const kinds = new Set(log.during(gap).map(({ kind }) => kind))
    for (const kind of kinds) {
      const entry = report.faults[kind]
      if (entry === undefined) continue
      entry.worstGapMs = Math.max(entry.worstGapMs, ms)
      if (kinds.size === 1) entry.worstGapAloneMs = Math.max(entry.worstGapAloneMs, ms)
    }
  }
}
