import { expect, test } from 'vitest'
import { OutageLog } from './outage-log.ts'

function listen(intervalMs: number) {
  const lines: string[] = []
  const warn = (_: unknown, message?: string) => void lines.push(message ?? '')
  return { lines, log: new OutageLog({ logger: { warn }, intervalMs }) }
}

test('an error that repeats itself is logged once in a while, whoever meets it; another one at once', () => {
  const { lines, log } = listen(3_600_000)
  log.warn(new Error('refused'), 'first')
  log.warn(new Error('refused'), 'second')
  log.warn(new Error('Job a failed.'), 'third')
  expect(lines).toEqual(['first', 'third'])
})

test('after the interval it is logged again', () => {
  const { lines, log } = listen(0)
  log.warn(new Error('refused'), 'first')
  log.warn(new Error('refused'), 'second')
  expect(lines).toEqual(['first', 'second'])
})
