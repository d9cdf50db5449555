import { expect, test } from 'vitest'
import { runChaos } from './run-chaos.ts'

/** The short form of `npm run chaos`: one round, another one each time; its command is in the report. */
const options = {
  ...{ seed: Math.floor(Math.random() * 2 ** 32), faults: 60, roundFaults: 60, streams: 20, pauseMs: 300 },
  ...{ supervisors: 2, real: false },
}

test('while everything fails in turn, every accepted request gets its full, exact answer, and nothing is left over', async () => {
  const quiet = { signal: new AbortController().signal, onFault: () => undefined, onRound: () => undefined }
  const { command, violations, tokens, tokensLost, tokensDoubled } = await runChaos(options, quiet)
  expect(violations, command).toEqual([])
  expect({ tokensLost, tokensDoubled }).toEqual({ tokensLost: 0, tokensDoubled: 0 })
  expect(tokens).toBeGreaterThan(0)
}, 300_000)
