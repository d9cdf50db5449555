import { expect, test } from 'vitest'
import type { WorkerMessage } from '../ipc/worker-message.ts'
import { LoadingReporter } from './loading-reporter.ts'

function listen() {
  const told: WorkerMessage[] = []
  const lines: string[] = []
  const tell = async (message: WorkerMessage) => void told.push(message)
  const info = (facts: unknown, step?: string) => void lines.push(`${step} ${JSON.stringify(facts)}`)
  return { told, lines, reporter: new LoadingReporter({ logger: { info }, tell, logIntervalMs: 60_000 }) }
}

test('the supervisor hears whole percents of each step, the log only of new steps', () => {
  const { told, lines, reporter } = listen()
  for (let call = 0; call <= 1000; call++) reporter.report('Downloading', call / 1000)
  reporter.report('Loading', 1)
  expect(told).toHaveLength(102)
  expect(told.at(-1)).toEqual({ type: 'worker-loading', step: 'Loading', fraction: 1 })
  expect(lines).toEqual(['Downloading {"percent":0}', 'Loading {"percent":100}'])
})
