import type { Fault, FaultSetting } from './fault.ts'

const longAbsenceMs = 5_000
const shortAbsenceMs = 1_500

/** Breaks the connection of one client, which comes back to another API. */
export function clientFaults({ departures }: FaultSetting): Fault[] {
  return [
    {
      kind: 'client leaves',
      weight: 22,
      async inject(random) {
        const awayMs = random.next() < 0.2 ? longAbsenceMs : random.integer(0, shortAbsenceMs)
        return departures.leaveOne(random, awayMs) ? { target: `for ${awayMs} ms` } : undefined
      },
    },
  ]
}
