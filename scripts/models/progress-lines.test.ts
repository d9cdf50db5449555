import { expect, test } from 'vitest'
import { progressLines } from './progress-lines.ts'

function watch() {
  const lines: string[] = []
  let nowMs = 0
  const progress = progressLines({ write: (line) => lines.push(line), now: () => nowMs })
  return { lines, report: progress.report, wait: (ms: number) => void (nowMs += ms) }
}

test('every step gets a line at its beginning', () => {
  const { lines, report } = watch()
  report('Downloading', 0)
  report('Unpacking', 0)
  report('Downloading', 0.42)
  expect(lines).toEqual(['Downloading …', 'Unpacking …', 'Downloading: 42 %'])
})

test('a step gets at most a line in 10 %', () => {
  const { lines, report, wait } = watch()
  for (let percent = 0; percent <= 100; percent++) {
    report('Downloading', percent / 100)
    wait(60_000)
  }
  expect(lines).toHaveLength(11)
})

test('a step gets at most a line in 5 s', () => {
  const { lines, report, wait } = watch()
  for (let percent = 0; percent <= 100; percent++) {
    report('Downloading', percent / 100)
    wait(120)
  }
  expect(lines).toHaveLength(3)
})
