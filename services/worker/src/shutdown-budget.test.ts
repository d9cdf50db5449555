import { readSettings } from '@millrace/runtime/settings'
import { expect, test } from 'vitest'
import { shutdownBudget } from './shutdown-budget.ts'

test('by default running jobs have the whole drain time, and room is left after it', () => {
  expect(shutdownBudget(readSettings({}))).toEqual({ drainMs: 10_000, processMs: 16_000, killMs: 18_000 })
})

test('a drain time that would use up the shutdown time is cut, so that jobs are still handed back', () => {
  const { drainMs, processMs } = shutdownBudget({ drainTimeoutMs: 60_000, shutdownTimeoutMs: 1_000 })
  expect(drainMs).toBe(600)
  expect(processMs).toBeGreaterThan(drainMs)
})
