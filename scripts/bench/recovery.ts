/**
 * `npm run bench:recovery`: kills the worker of an open stream (`kill -9`), again and again, and says how long the
 * client waited for its next token and whether its text is what it should be: the known text of the scripted engine,
 * or with `--real` that of an undisturbed greedy run of the real model.
 */
import { parseArgs } from 'node:util'
import { WorkerRegistry } from '@millrace/queue'
import { eventually } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { type Cluster, startCluster } from '../cluster/start-cluster.ts'
import { median } from './measurement.ts'

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, real: { type: 'boolean', default: false } },
})
const tokens = options.real ? 120 : 200
const content = 'Tell me a long story about a mill on a river.'

await using cluster = await startCluster({
  devices: 'cpu,cpu',
  scripted: !options.real,
  env: { SCRIPTED_TOKENS: String(tokens), CONTEXT_SIZE: '1024', SLOTS: '2' },
})
const expected = options.real
  ? (await read(cluster)).text
  : scriptedText({ messages: [{ role: 'user', text: content }] }, tokens)

const gapsMs: number[] = []
let exact = 0
for (let round = 1; round <= Number(options.rounds); round++) {
  const [{ text, longestGapMs }] = await Promise.all([read(cluster), killBusyWorker(cluster)])
  gapsMs.push(longestGapMs)
  if (text === expected) exact++
  console.log(
    `round ${round}: longest gap ${Math.round(longestGapMs)} ms, text ${text === expected ? 'exact' : 'WRONG'}`,
  )
  await untilAllServe(cluster)
}
const [middle, least, most] = [median(gapsMs), Math.min(...gapsMs), Math.max(...gapsMs)].map(Math.round)
console.log(`\n${exact} of ${gapsMs.length} texts exact; longest gap: median ${middle} ms (${least} to ${most})`)
if (exact < gapsMs.length) process.exitCode = 1

async function read({ urls, apiKey }: Cluster): Promise<{ text: string; longestGapMs: number }> {
  const client = new OpenAI({ baseURL: `${urls[0]}/v1`, apiKey, maxRetries: 0 })
  const stream = await client.chat.completions.create({
    model: 'smollm2-135m-instruct',
    messages: [{ role: 'user', content }],
    temperature: 0,
    max_tokens: tokens,
    stream: true,
  })
  let text = ''
  let longestGapMs = 0
  let lastAtMs = performance.now()
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    longestGapMs = Math.max(longestGapMs, performance.now() - lastAtMs)
    lastAtMs = performance.now()
  }
  return { text, longestGapMs }
}

async function killBusyWorker(cluster: Cluster): Promise<void> {
  await withRegistry(cluster, async (registry) => {
    const busy = await eventually(async () => {
      const found = (await registry.list()).find(({ busySlots }) => busySlots > 0)
      if (!found) throw new Error('no worker is busy')
      return found
    })
    process.kill(busy.pid, 'SIGKILL')
  })
}

async function untilAllServe(cluster: Cluster): Promise<void> {
  await withRegistry(cluster, async (registry) => {
    await eventually(async () => {
      const workers = await registry.list()
      return workers.length === 2 && workers.every(({ busySlots }) => busySlots === 0)
    })
  })
}

async function withRegistry(cluster: Cluster, use: (registry: WorkerRegistry) => Promise<void>): Promise<void> {
  const redis = new Redis(cluster.redisUrl)
  try {
    await use(new WorkerRegistry({ redis, prefix: cluster.redisPrefix }))
  } finally {
    redis.disconnect()
  }
}
