import type { ChaosReport, Violation } from './chaos-report.ts'

const shownViolations = 20

/** For people. */
export function printReport(report: ChaosReport): void {
  const { faults, answersByClient, memoryMib, violations } = report
  console.log()
  console.table(
    Object.entries(faults).map(([fault, { injected, worstGapMs, worstGapAloneMs }]) => ({
      fault,
      injected,
      'worst gap, ms': worstGapMs,
      'alone, ms': worstGapAloneMs,
    })),
  )
  console.table(Object.entries(answersByClient).map(([client, answers]) => ({ client, answers })))
  console.table([totals(report)])
  if (memoryMib) console.table({ 'MiB after the first round': memoryMib.first, 'after the last': memoryMib.last })
  for (const violation of violations.slice(0, shownViolations)) printViolation(violation)
  console.log(violations.length === 0 ? '\nNothing was lost.' : `\n${violations.length} VIOLATIONS`)
  console.log(`Again: ${report.command}`)
}

function totals(report: ChaosReport) {
  const answers = Object.values(report.answersByClient).reduce((sum, count) => sum + count, 0)
  const injected = Object.values(report.faults).reduce((sum, each) => sum + each.injected, 0)
  const { seconds, choices, choicesAsExpected, tokens, tokensLost, tokensDoubled, reconnections } = report
  return {
    ...{ seconds, faults: injected, answers, choices, 'as expected': choicesAsExpected, reconnections },
    ...{ tokens, lost: tokensLost, doubled: tokensDoubled, violations: report.violations.length },
  }
}

function printViolation({ round, what, faults }: Violation): void {
  console.log(`\nround ${round}: ${what}`)
  for (const { kind, target, atMs } of faults) console.log(`    ${(atMs / 1000).toFixed(2)} s  ${kind} (${target})`)
}
