import { eventually } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from './start-cluster.ts'

const model = 'smollm2-135m-instruct'
const keys = { busy: 'test-key-of-the-busy-one', quiet: 'test-key-of-the-quiet-one' }
const exactly = (content: string, tokens: number) =>
  scriptedText({ messages: [{ role: 'user', text: content }] }, tokens)

function client(cluster: Cluster, apiKey: string): OpenAI {
  return new OpenAI({ baseURL: `${cluster.urls[0]}/v1`, apiKey, maxRetries: 0 })
}

const ask = (openai: OpenAI, content: string, extra: object = {}) =>
  openai.chat.completions.create({ model, messages: [{ role: 'user', content }], ...extra })

describe('two tenants on one busy cluster', () => {
  test('a single request waits for about one generation, not for the hundred that another tenant has queued', async () => {
    const slots = 4
    await using cluster = await startCluster({
      ...{ scripted: true, devices: 'cpu' },
      env: {
        ...{ SLOTS: String(slots), SCRIPTED_TOKENS: '20', SCRIPTED_TOKENS_PER_SECOND: '50' },
        ALLOWED_KEYS: `busy=${keys.busy},quiet=${keys.quiet}`,
      },
    })
    let answered = 0
    const flood = Array.from({ length: 120 }, async (_, index) => {
      await ask(client(cluster, keys.busy), `question ${index}`)
      answered++
    })
    await eventually(() => answered >= slots)
    const before = answered
    const quiet = await ask(client(cluster, keys.quiet), 'Hello!')
    const overtaken = answered - before
    expect(quiet.choices[0]?.message.content).toBe(exactly('Hello!', 20))
    // What ran when it came, one round, and what came back together with it.
    expect(overtaken).toBeLessThanOrEqual(3 * slots)
    expect(answered).toBeLessThan(120)
    await Promise.all(flood)
  })
})

describe('a flex generation', () => {
  test('gives its slot to somebody who waits, continues from its log, and its text is exact', async () => {
    await using cluster = await startCluster({
      ...{ scripted: true, devices: 'cpu' },
      env: { SLOTS: '2', SCRIPTED_TOKENS: '100', SCRIPTED_TOKENS_PER_SECOND: '50' },
    })
    const openai = client(cluster, cluster.apiKey)
    const names = ['first', 'second']
    const texts: string[] = ['', '']
    const flex = names.map(async (name, index) => {
      const messages = [{ role: 'user' as const, content: name }]
      const stream = await openai.chat.completions.create({ model, messages, stream: true, service_tier: 'flex' })
      for await (const chunk of stream) texts[index] += chunk.choices[0]?.delta.content ?? ''
    })
    await eventually(() => texts.every((text) => text.length > 0))
    const interactive = await ask(openai, 'Hello!', { max_tokens: 5 })
    expect(interactive.usage?.completion_tokens).toBe(5)
    // Both flex generations had a second and a half to go when it was answered.
    expect(texts.some((text, index) => text === exactly(names[index] ?? '', 100))).toBe(false)
    await Promise.all(flex)
    expect(texts).toEqual(names.map((name) => exactly(name, 100)))
  })
})
