import type { Frame } from '@millrace/contracts/jobs'
import { expect, test } from 'vitest'
import { type Answer, newAnswer } from '../clients/answer.ts'
import type { ChatRequest } from '../clients/request.ts'
import type { Load } from '../load/load.ts'
import { checkChat } from './check-chat.ts'
import type { LoggedChoice } from './read-logs.ts'

const request: ChatRequest = {
  ...{ kind: 'chat', form: 'resuming', name: 'key', content: 'Hello!', choices: 1, stop: [], maxTokens: 3 },
}
const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 3 }
const load: Pick<Load, 'isExact' | 'promptTokens' | 'expected'> = {
  isExact: true,
  promptTokens: () => 5,
  expected: () => ({ text: 'abc', finishReason: 'length', completionTokens: 3 }),
}

const frame = (seq: number, text: string): Frame => {
  return { jobId: 'chat', seq, epoch: 1, events: [{ type: 'text-delta', text, tokens: [seq] }] }
}
const log: LoggedChoice = {
  ...{ frames: [frame(1, 'a'), frame(2, 'b'), frame(3, 'c')], text: 'abc', tokens: 3 },
  ...{ finishReason: 'length', usage, problems: [] },
}
const chunk = (seq: number, text: string) => ({ seq, text })
const allChunks = [chunk(1, 'a'), chunk(2, 'b'), chunk(3, 'c')]

function answerOf(chunks: { seq: number; text: string }[], completionTokens = 3): Answer {
  const text = chunks.map((each) => each.text).join('')
  const choices = [{ text, finishReason: 'length', chunks }]
  return { ...newAnswer(request), id: 'chat', choices, usage: { promptTokens: 5, completionTokens } }
}

test('a whole answer is exact', () => {
  const verdict = checkChat(load, request, answerOf(allChunks), [log])
  expect(verdict).toEqual({ problems: [], tokens: 3, lost: 0, doubled: 0, exact: 1 })
})

test('tokens that the client did not get are lost, those that it got twice are doubled', () => {
  const swapped = answerOf([chunk(1, 'a'), chunk(1, 'a'), chunk(3, 'c')])
  expect(checkChat(load, request, swapped, [log])).toMatchObject({ lost: 1, doubled: 1 })
  expect(checkChat(load, request, swapped, [log]).problems.join()).toContain('the text is not that of the log')
})

test('a log that misses a token of the known text is noticed, though the client has all of it', () => {
  const short = {
    ...log,
    frames: log.frames.slice(0, 2),
    text: 'ab',
    tokens: 2,
    usage: { ...usage, completionTokens: 2 },
  }
  const verdict = checkChat(load, request, answerOf(allChunks.slice(0, 2), 2), [short])
  expect(verdict).toMatchObject({ lost: 1, exact: 0 })
  expect(verdict.problems.join()).toContain('2 tokens instead of 3')
})

test('another text than the likely one of a real model is counted, and is no fault', () => {
  const other = { ...load, isExact: false, expected: () => ({ ...load.expected(request), text: 'abd' }) }
  expect(checkChat(other, request, answerOf(allChunks), [log])).toMatchObject({ problems: [], exact: 0 })
})

test('wrong usage is noticed', () => {
  expect(checkChat(load, request, answerOf(allChunks, 4), [log]).problems).toHaveLength(1)
})
