/**
 * `npm run chaos`: a whole cluster under load, broken at random moments: workers, supervisors and APIs killed, frozen
 * and restarted, Redis restarted, connections cut, messages lost and doubled, clients that leave and come back. After
 * each round every accepted request must have its full, exact answer, and nothing may be left over.
 */
import { readChaosOptions } from './chaos-options.ts'
import { printReport } from './report/print-report.ts'
import { runChaos } from './run-chaos.ts'

const { json, ...options } = readChaosOptions(process.argv.slice(2))
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())

const say = (line: string) => void (json ? process.stderr.write(`${line}\n`) : console.log(line))
say(`seed ${options.seed}: ${options.faults} faults, ${options.streams} requests at once`)
const report = await runChaos(options, {
  signal: stop.signal,
  onFault: ({ kind, target }, count) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${count} of ${options.faults}: ${kind} (${target})\u001b[K`)
  },
  onRound: ({ choices, tokens, tokensLost, tokensDoubled, violations }, round) => {
    const clear = process.stderr.isTTY ? '\r\u001b[K' : ''
    const counted = `${choices} choices, ${tokens} tokens, ${tokensLost} lost, ${tokensDoubled} doubled`
    say(`${clear}round ${round}: ${counted}, ${violations.length} violations so far`)
  },
})
if (json) console.log(JSON.stringify(report, undefined, 2))
else printReport(report)
process.exitCode = report.violations.length > 0 ? 1 : 0
