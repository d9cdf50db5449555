import type { Frame, JobEvent } from '@millrace/contracts/jobs'
import { ChatCompletion, ChatCompletionChunk } from '@millrace/contracts/openai'
import { collect } from '@millrace/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JobFrame } from '../jobs/read-jobs.ts'
import { chatChunks } from './chat-chunks.ts'
import { chatEvents } from './chat-events.ts'
import { foldChunks } from './fold-chunks.ts'

const header = {
  id: 'chatcmpl-1',
  created: 1,
  model: 'm',
  system_fingerprint: 'fp_1',
  service_tier: 'default' as const,
}
const started: JobEvent = { type: 'job-started', promptTokens: 5, cachedTokens: 2, queuedMs: 1 }
const delta = (text: string, tokens = [1]): JobEvent => ({ type: 'text-delta', text, tokens })
const finished = (completionTokens: number, reason: 'stop' | 'length' = 'stop'): JobEvent => ({
  type: 'job-finished',
  reason,
  usage: { promptTokens: 5, cachedTokens: 2, completionTokens },
})

function frame(index: number, seq: number, events: Frame['events']): JobFrame {
  return { index, frame: { jobId: `chatcmpl-1-${index}`, seq, epoch: 1, events } }
}

async function* from(frames: readonly JobFrame[]): AsyncGenerator<JobFrame> {
  yield* frames
}

const chunksOf = (frames: readonly JobFrame[], choices = 1) => chatChunks({ frames: from(frames), header, choices })

test('a stream begins with the role and ends with the reason; silent frames send nothing', async () => {
  const frames = [
    frame(0, 1, [started]),
    frame(0, 2, [delta('')]),
    frame(0, 3, [delta('Hel'), delta('lo')]),
    frame(0, 4, [delta('!'), finished(4, 'length')]),
  ]
  const chunks = await collect(chunksOf(frames))
  expect(
    chunks.map(({ chunk, position }) => [position, chunk.choices[0]?.delta, chunk.choices[0]?.finish_reason]),
  ).toEqual([
    ['chatcmpl-1:1', { role: 'assistant', content: '' }, null],
    ['chatcmpl-1:3', { content: 'Hello' }, null],
    ['chatcmpl-1:4', { content: '!' }, 'length'],
    [undefined, undefined, undefined],
  ])
  expect(chunks.at(-1)?.chunk.usage).toEqual({
    prompt_tokens: 5,
    completion_tokens: 4,
    total_tokens: 9,
    prompt_tokens_details: { cached_tokens: 2 },
  })
  for (const { chunk } of chunks) expect(chunk).toMatchObject(header)
})

test('a second attempt at the job does not send the role again', async () => {
  const frames = [frame(0, 1, [started]), frame(0, 2, [delta('a')]), frame(0, 3, [started]), frame(0, 4, [finished(1)])]
  const roles = (await collect(chunksOf(frames))).filter(({ chunk }) => chunk.choices[0]?.delta.role !== undefined)
  expect(roles).toHaveLength(1)
})

test('with several choices a position counts the frames of each, and the prompt counts once', async () => {
  const frames = [frame(1, 1, [started]), frame(0, 1, [started, delta('a'), finished(1)]), frame(1, 2, [finished(2)])]
  const chunks = await collect(chunksOf(frames, 2))
  expect(chunks.map(({ position }) => position)).toEqual([
    'chatcmpl-1:0.1',
    'chatcmpl-1:1.1',
    'chatcmpl-1:1.2',
    undefined,
  ])
  expect(chunks.at(-1)?.chunk.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 })
})

test('usage is sent only to those who asked, as null on all chunks but the last', async () => {
  const frames = [frame(0, 1, [started]), frame(0, 2, [finished(1)])]
  const without = await collect(chatEvents(chunksOf(frames), { includeUsage: false }))
  expect(without.map(({ data }) => 'usage' in JSON.parse(data))).toEqual([false, false])
  const asked = await collect(chatEvents(chunksOf(frames), { includeUsage: true }))
  expect(asked.map(({ data }) => JSON.parse(data).usage?.total_tokens ?? null)).toEqual([null, null, 6])
})

/** Some frames of some choices, however the events are spread over them. */
const generations = fc.array(fc.array(fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 4 }).chain((texts) =>
  fc.record({
    texts: fc.constant(texts),
    cuts: fc.infiniteStream(fc.boolean()),
  }),
)

test('the blocking answer is what a client puts together from the stream', async () => {
  await fc.assert(
    fc.asyncProperty(generations, async ({ texts, cuts }) => {
      const frames = texts.flatMap((parts, index) => {
        const events = [started, ...parts.map((text) => delta(text)), finished(parts.length)]
        const groups: JobEvent[][] = []
        for (const event of events) {
          const last = groups.at(-1)
          if (last === undefined || cuts.next().value) groups.push([event])
          else last.push(event)
        }
        return groups.map((group, seq) => frame(index, seq + 1, group))
      })
      const choices = texts.length
      const blocking = await foldChunks({ chunks: chunksOf(frames, choices), header, choices })
      const streamed = Array.from({ length: choices }, () => '')
      for (const { chunk } of await collect(chunksOf(frames, choices))) {
        ChatCompletionChunk.parse(chunk)
        for (const { index, delta } of chunk.choices) streamed[index] += delta.content ?? ''
      }
      expect(ChatCompletion.parse(blocking).choices.map(({ message }) => message.content)).toEqual(streamed)
      expect(streamed).toEqual(texts.map((parts) => parts.join('')))
    }),
  )
})
