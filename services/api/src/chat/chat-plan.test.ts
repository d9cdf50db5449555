import { type ChatTurn, GenerationJob } from '@millrace/contracts/jobs'
import { ChatCompletionRequest } from '@millrace/contracts/openai'
import { describe, expect, test } from 'vitest'
import { planChat } from './chat-plan.ts'

const envelope = { tenant: 't', requestId: 'r', model: 'm', submittedAtMs: 1, deadlineAtMs: 2 }

function jobsOf(extra: object, { systemPrompt, maxTokens = 100 }: { systemPrompt?: string; maxTokens?: number } = {}) {
  const messages = [{ role: 'user', content: 'hello' }]
  const request = ChatCompletionRequest.parse({ model: 'm', messages, ...extra })
  return planChat(request, { systemPrompt, maxTokens })
    .createJobs('id', envelope)
    .map(({ job }) => job)
}

test("defaults are OpenAI's, and there is always a seed", () => {
  const [job] = jobsOf({})
  expect(GenerationJob.parse(job)).toMatchObject({
    sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stop: [],
    maxTokens: 100,
  })
  expect(jobsOf({})[0]?.sampling.seed).not.toBe(job?.sampling.seed)
})

describe('the token limit is the smallest of what applies', () => {
  test.each([
    [{ max_tokens: 7 }, 7],
    [{ max_completion_tokens: 8 }, 8],
    [{ max_tokens: 7, max_completion_tokens: 8 }, 8],
    [{ max_tokens: 101 }, 100],
    [{ max_tokens: null }, 100],
  ])('%j: %d', (extra, maxTokens) => {
    expect(jobsOf(extra)[0]?.maxTokens).toBe(maxTokens)
  })
})

describe('seeds become what the sampler takes', () => {
  test.each([0, 1, -1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('%d', (seed) => {
    const jobs = jobsOf({ seed, n: 3 })
    const seeds = jobs.map((job) => job.sampling.seed)
    expect(jobsOf({ seed, n: 3 }).map((job) => job.sampling.seed)).toEqual(seeds)
    expect(new Set(seeds).size).toBe(3)
    for (const each of seeds) expect(each >= 0 && each < 2 ** 32 - 1).toBe(true)
  })

  test('a usual one stays as it is', () => {
    expect(jobsOf({ seed: 42 })[0]?.sampling.seed).toBe(42)
  })
})

test('every choice is a job with an id of its own that a queue takes', () => {
  const jobs = jobsOf({ n: 3 })
  expect(jobs.map(({ id }) => id)).toEqual(['id', 'id-1', 'id-2'])
  for (const job of jobs) GenerationJob.parse(job)
})

test('one stop string and several are the same to a worker', () => {
  expect(jobsOf({ stop: 'a' })[0]?.stop).toEqual(['a'])
  expect(jobsOf({ stop: ['a', 'b'] })[0]?.stop).toEqual(['a', 'b'])
})

test('many choices of a huge prompt are refused', () => {
  const messages = [{ role: 'user', content: 'x'.repeat(1024 * 1024) }]
  expect(() => jobsOf({ n: 128, messages })).toThrow(expect.objectContaining({ param: 'n' }))
  expect(jobsOf({ n: 2, messages })).toHaveLength(2)
})

describe('the chat', () => {
  const turnsOf = (messages: object[], systemPrompt?: string): ChatTurn[] =>
    jobsOf({ messages }, systemPrompt === undefined ? {} : { systemPrompt })[0]?.messages ?? []

  test('has its text parts joined and developer messages as system ones', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    expect(
      turnsOf([
        { role: 'developer', content },
        { role: 'assistant', content: 'c' },
      ]),
    ).toEqual([
      { role: 'system', text: 'ab' },
      { role: 'assistant', text: 'c' },
    ])
  })

  test("begins with the operator's prompt", () => {
    expect(turnsOf([{ role: 'user', content: 'a' }], 'be kind')).toEqual([
      { role: 'system', text: 'be kind' },
      { role: 'user', text: 'a' },
    ])
  })

  test('has one system message at its beginning, not two', () => {
    expect(turnsOf([{ role: 'system', content: 'a' }], 'be kind')).toEqual([{ role: 'system', text: 'be kind\n\na' }])
  })
})
