import { appendFileSync, readFileSync } from 'node:fs'
import { tellSupervisor } from '../ipc/tell-supervisor.ts'
import { refusedExitCode } from '../ipc/worker-message.ts'

/**
 * What the tests of the supervisor run as a worker process. `BEHAVIOUR` is a list with one word per start, the last
 * one for all further starts; the file `STARTS` gets the process id of each start.
 */
const { BEHAVIOUR = '', STARTS = '' } = process.env
appendFileSync(STARTS, `${process.pid}\n`)
const starts = readFileSync(STARTS, 'utf8').trim().split('\n').length
const behaviours = BEHAVIOUR.split(',')
const behaviour = behaviours[Math.min(starts, behaviours.length) - 1]

async function serve(): Promise<void> {
  const values = [{ value: 7, labels: { worker: process.argv[2] } }]
  const metrics = [{ name: 'fed', help: 'For the test.', type: 'gauge', aggregator: 'sum', values }]
  await tellSupervisor({ type: 'worker-measured', metrics })
  await tellSupervisor({ type: 'worker-ready', models: ['m'] })
}

setInterval(() => undefined, 1000)
if (behaviour === 'crash') process.exit(3)
if (behaviour === 'refuse') {
  await tellSupervisor({ type: 'worker-refused', reason: 'there is no such model' })
  process.exit(refusedExitCode)
}
if (behaviour === 'babble') process.send?.({ type: 'from-another-version' })
if (behaviour === 'stubborn') process.on('SIGTERM', () => undefined)
if (behaviour === 'load') await tellSupervisor({ type: 'worker-loading', step: 'Loading', fraction: 0.5 })
else await serve()
