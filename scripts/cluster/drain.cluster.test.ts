import { WorkerRegistry } from '@millrace/queue'
import { eventually } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { type Cluster, startCluster } from './start-cluster.ts'

const tokens = 300
const env = { SCRIPTED_TOKENS: String(tokens), SCRIPTED_TOKENS_PER_SECOND: '50', SLOTS: '8', DRAIN_TIMEOUT: '500ms' }
const exactly = (text: string) => scriptedText({ messages: [{ role: 'user', text }] }, tokens)

async function read(cluster: Cluster, content: string): Promise<string> {
  const client = new OpenAI({ baseURL: `${cluster.urls[0]}/v1`, apiKey: cluster.apiKey, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content }]
  const stream = await client.chat.completions.create({ model: 'smollm2-135m-instruct', messages, stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

test('SIGTERM to a worker with 8 generations: another one goes on with all of them, and every text is exact', async () => {
  await using cluster = await startCluster({ scripted: true, supervisors: 2, env })
  const redis = new Redis(cluster.redisUrl)
  using _redis = { [Symbol.dispose]: () => redis.disconnect() }
  const busySlots = async () => {
    const workers = await new WorkerRegistry({ redis, prefix: cluster.redisPrefix }).list()
    return workers.map((worker) => worker.busySlots)
  }
  await eventually(async () => (await busySlots()).length === 2)
  const questions = Array.from({ length: 16 }, (_, index) => `question ${index}`)
  let ended = 0
  const answers = questions.map((question) => read(cluster, question).finally(() => ended++))
  const texts = Promise.all(answers)
  await eventually(async () => (await busySlots()).join() === '8,8')

  cluster.supervisors[0]?.signal('SIGTERM')
  expect(await cluster.supervisors[0]?.exited).toBe(0)
  expect(ended, 'it handed back what ran instead of waiting for its end').toBe(0)
  expect(await texts).toEqual(questions.map(exactly))
})
