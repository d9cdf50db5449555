import { scriptedText } from '@millrace/testkit/scripted-engine'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from './start-cluster.ts'

/** A text that tells the streams apart, and is long enough for tokens to be lost or swapped. */
const questions = Array.from(
  { length: 16 },
  (_, index) => `What is ${index} plus ${index + 2}? Explain it step by step.`,
)

describe('many streams at once', () => {
  let cluster: Cluster
  let clients: OpenAI[]

  beforeAll(async () => {
    cluster = await startCluster({ apis: 2, devices: 'cpu,cpu', env: { SLOTS: '4', CONTEXT_SIZE: '512' } })
    clients = cluster.urls.map((url) => new OpenAI({ baseURL: `${url}/v1`, apiKey: cluster.apiKey, maxRetries: 0 }))
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  async function answer(question: string, index: number) {
    const stream = await (clients[index % clients.length] as OpenAI).chat.completions.create({
      model: 'smollm2-135m-instruct',
      temperature: 0,
      max_tokens: 24,
      messages: [{ role: 'user', content: question }],
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let reason: string | null = null
    let tokens = 0
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      reason = chunk.choices[0]?.finish_reason ?? reason
      tokens = chunk.usage?.completion_tokens ?? tokens
    }
    return { text, reason, tokens }
  }

  test('16 streams over two APIs and two workers all complete, each with the answer to its own question', async () => {
    const alone: Awaited<ReturnType<typeof answer>>[] = []
    for (const [index, question] of questions.entries()) alone.push(await answer(question, index))
    const together = await Promise.all(questions.map(answer))
    expect(together.every(({ tokens, reason }) => tokens > 0 && (reason === 'stop' || reason === 'length'))).toBe(true)
    // A batch may change a greedy choice by rounding, and with it the rest of that text; most are those of the quiet run.
    const same = together.filter(({ text }, index) => text.slice(0, 24) === alone[index]?.text.slice(0, 24))
    expect(same.length).toBeGreaterThanOrEqual(questions.length / 2)
  })
})

test('16 streams at once lose, double and swap nothing: every text is exact', async () => {
  await using cluster = await startCluster({ scripted: true, apis: 2, devices: 'cpu,cpu', env: { SLOTS: '4' } })
  const texts = await Promise.all(
    questions.map(async (content, index) => {
      const baseURL = `${cluster.urls[index % cluster.urls.length]}/v1`
      const client = new OpenAI({ baseURL, apiKey: cluster.apiKey, maxRetries: 0 })
      const messages = [{ role: 'user' as const, content }]
      const stream = await client.chat.completions.create({ model: 'smollm2-135m-instruct', messages, stream: true })
      let text = ''
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      return text
    }),
  )
  expect(texts).toEqual(questions.map((text) => scriptedText({ messages: [{ role: 'user', text }] }, 32)))
})
