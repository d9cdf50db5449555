import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { WorkerStatus } from '@millrace/contracts/jobs'
import { WorkerRegistry } from '@millrace/queue'
import { eventually } from '@millrace/testkit'
import { scriptedText } from '@millrace/testkit/scripted-engine'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from './start-cluster.ts'

const model = 'smollm2-135m-instruct'
const long = { SCRIPTED_TOKENS: '250', SCRIPTED_TOKENS_PER_SECOND: '50' }
const exactly = (content: string) => scriptedText({ messages: [{ role: 'user', text: content }] }, 250)
/** The lock of a dead worker runs out after ten seconds: a shorter gap is the recovery's doing. */
const lockMs = 10_000

/** A streamed chat, with what one wants to know of it while it runs. */
function read(cluster: Cluster, content: string) {
  const client = new OpenAI({ baseURL: `${cluster.urls[0]}/v1`, apiKey: cluster.apiKey, maxRetries: 0 })
  const state = { text: '', longestGapMs: 0 }
  const done = (async () => {
    const messages = [{ role: 'user' as const, content }]
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    let lastAtMs = performance.now()
    for await (const chunk of stream) {
      state.text += chunk.choices[0]?.delta.content ?? ''
      state.longestGapMs = Math.max(state.longestGapMs, performance.now() - lastAtMs)
      lastAtMs = performance.now()
    }
  })()
  return { state, done }
}

async function workers(cluster: Cluster): Promise<WorkerStatus[]> {
  const redis = new Redis(cluster.redisUrl)
  try {
    return await new WorkerRegistry({ redis, prefix: cluster.redisPrefix }).list()
  } finally {
    redis.disconnect()
  }
}

/** The process that runs something now. */
async function busyWorker(cluster: Cluster): Promise<number> {
  return await eventually(async () => {
    const busy = (await workers(cluster)).find(({ busySlots, host }) => busySlots > 0 && host === hostname())
    if (!busy) throw new Error('no worker is busy')
    return busy.pid
  })
}

describe('an open stream', () => {
  test('goes on when its worker is killed: the text is exact, and the gap is not that of a lock', async () => {
    await using cluster = await startCluster({ scripted: true, devices: 'cpu,cpu', env: long })
    const { state, done } = read(cluster, 'Hello!')
    process.kill(await busyWorker(cluster), 'SIGKILL')
    expect(state.text.length).toBeLessThan(exactly('Hello!').length)
    await done
    expect(state.text).toBe(exactly('Hello!'))
    expect(state.longestGapMs).toBeLessThan(lockMs)
  })

  test('goes on when a whole node is gone, supervisor and all', async () => {
    await using cluster = await startCluster({ scripted: true, supervisors: 2, env: long })
    await eventually(async () => (await workers(cluster)).length === 2)
    const { state, done } = read(cluster, 'Hello!')
    const worker = await busyWorker(cluster)
    const supervisor = cluster.supervisors.find(({ pid }) => pid === parentOf(worker))
    supervisor?.signal('SIGKILL')
    process.kill(worker, 'SIGKILL')
    await done
    expect(supervisor).toBeDefined()
    expect(state.text).toBe(exactly('Hello!'))
    expect(state.longestGapMs).toBeLessThan(lockMs)
  })

  test('goes on when its worker freezes, which cannot write a word more when it thaws', async () => {
    await using cluster = await startCluster({ scripted: true, devices: 'cpu,cpu', env: long })
    const { state, done } = read(cluster, 'Hello!')
    const worker = await busyWorker(cluster)
    process.kill(worker, 'SIGSTOP')
    await eventually(() => state.longestGapMs > 1_000, { timeoutMs: 30_000 })
    process.kill(worker, 'SIGCONT')
    await done
    expect(state.text).toBe(exactly('Hello!'))
    // The thawed worker drops what it had, and serves again.
    await eventually(async () => (await workers(cluster)).every(({ busySlots }) => busySlots === 0))
    const { state: next, done: nextDone } = read(cluster, 'And again!')
    await nextDone
    expect(next.text).toBe(exactly('And again!'))
  })
})

test('a request that kills each worker it meets is given up; the streams beside it end exactly', async () => {
  await using cluster = await startCluster({ scripted: true, devices: 'cpu', env: { ...long, SLOTS: '4' } })
  const innocent = ['one', 'two'].map((content) => read(cluster, content))
  await busyWorker(cluster)
  const poison = await read(cluster, 'a prompt with [crash] in it').done.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(poison).toMatchObject({ code: 'worker_crashed' })
  await Promise.all(innocent.map(({ done }) => done))
  expect(innocent.map(({ state }) => state.text)).toEqual([exactly('one'), exactly('two')])
})

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // pid (name) state ppid: the name may hold spaces and brackets.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
