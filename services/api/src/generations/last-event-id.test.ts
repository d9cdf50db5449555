import { toFailure } from '@millrace/contracts/failures'
import { describe, expect, test } from 'vitest'
import { parseLastEventId } from './last-event-id.ts'

const choice = (seq: number) => ({ seq, promptTokens: 0, completionTokens: 0, ending: undefined })
const generation = { id: 'g', choices: 2 }
const parse = (text: string | undefined) =>
  parseLastEventId(text, generation, { status: 'running', choices: [choice(3), choice(0)] })

test.each([undefined, ''])('without one a client has nothing: %j', (text) => {
  expect(parse(text)).toEqual([0, 0])
})

test.each([
  ['g:0.0', [0, 0]],
  ['g:3.0', [3, 0]],
])('%s', (text, seqs) => {
  expect(parse(text)).toEqual(seqs)
})

describe('refused', () => {
  test.each([
    'g',
    'g:',
    'g:1',
    'g:1.0.0',
    'g:4.0',
    'g:0.1',
    'g:-1.0',
    'g: 1.0',
    'g:1,0',
    'g:1.',
    'h:1.0',
    'gg:1.0',
    '1.0',
  ])('%j', (text) => {
    const refusal = () => {
      try {
        return parse(text)
      } catch (error) {
        return toFailure(error)
      }
    }
    expect(refusal()).toMatchObject({ code: 'invalid_request', param: 'Last-Event-ID' })
  })
})
