import { expect, test } from 'vitest'
import { newAnswer } from './answer.ts'
import { ChunkLedger } from './chunk-ledger.ts'
import type { ChatRequest } from './request.ts'

const request: ChatRequest = {
  ...{ kind: 'chat', form: 'resuming', name: 'key', content: 'Hello!', choices: 2, stop: [], maxTokens: 3 },
}

type Piece = { position: string; index?: number; role?: 'assistant'; text?: string; end?: 'stop' }

function event({ position, index = 0, role, text = 'a', end }: Piece) {
  const delta = { ...(role === undefined ? {} : { role }), content: text }
  const choices = [{ index, delta, logprobs: null, finish_reason: end ?? null }]
  const about = { created: 1, model: 'm', system_fingerprint: 'f', service_tier: 'default' }
  const header = { id: 'chat', object: 'chat.completion.chunk', ...about }
  return { id: `chat:${position}`, data: JSON.stringify({ ...header, choices }) }
}

function problemsOf(...pieces: Piece[]): string[] {
  const answer = newAnswer(request)
  const ledger = new ChunkLedger(answer)
  for (const piece of pieces) ledger.enter(event(piece))
  return answer.problems
}

const role = 'assistant' as const

test('events in order are fine, also when another choice has moved unseen', () => {
  expect(problemsOf({ position: '2.0', role }, { position: '3.2', index: 1, role }, { position: '4.2' })).toEqual([])
})

test.each([
  ['a doubled event', [{ position: '2.0', role }, { position: '2.0' }]],
  ['a reordered event', [{ position: '3.0', role }, { position: '2.0' }]],
  ['an event that takes another choice back', [{ position: '2.2', role }, { position: '3.1' }]],
  [
    'a role that comes again',
    [
      { position: '2.0', role },
      { position: '3.0', role },
    ],
  ],
  ['text after the end', [{ position: '2.0', role, end: 'stop' as const }, { position: '3.0' }]],
] satisfies [string, Piece[]][])('%s is noticed', (_, pieces) => {
  expect(problemsOf(...pieces)).toHaveLength(1)
})

test('an error and the end of a stream are told apart from chunks', () => {
  const ledger = new ChunkLedger(newAnswer(request))
  const error = { message: 'no', type: 'server_error', param: null, code: 'overloaded' }
  expect(ledger.enter({ data: JSON.stringify({ error }) })).toEqual({ error: 'overloaded' })
  expect(ledger.enter({ data: '[DONE]' })).toBe('done')
  expect(ledger.enter({ data: '', comment: 'keep-alive' })).toBe('more')
})
