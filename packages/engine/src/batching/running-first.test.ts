import type { BatchItem, Token } from 'node-llama-cpp'
import { expect, test } from 'vitest'
import { runningFirst } from './running-first.ts'

function item(length: number): BatchItem {
  return { tokens: Array.from({ length }, () => 0 as Token), logits: [], evaluationPriority: 5 }
}

test('running sequences come first and whole, in their order; prompts fill the rest', () => {
  const [prompt, one, two, late] = [item(10), item(1), item(1), item(4)] as const
  const batch = runningFirst({ items: [prompt, one, two, late], size: 13 })
  expect(batch.map((entry) => [entry.item === one, entry.processAmount])).toEqual([
    [true, 1],
    [false, 1],
    [false, 10],
    [false, 1],
  ])
})
