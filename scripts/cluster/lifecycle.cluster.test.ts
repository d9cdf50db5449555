import { eventually } from '@millrace/testkit'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from './start-cluster.ts'

const endless = { SCRIPTED_TOKENS: '100000', SCRIPTED_TOKENS_PER_SECOND: '50', MAX_TOKENS: '100000' }
const model = 'smollm2-135m-instruct'
const hello = [{ role: 'user' as const, content: 'Hello!' }]

function clientOf(cluster: Cluster, options: { url?: string; apiKey?: string } = {}): OpenAI {
  const { url = cluster.urls[0], apiKey = cluster.apiKey } = options
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })
}

async function busySlots(cluster: Cluster): Promise<number> {
  const text = await (await fetch(`${cluster.supervisorUrl}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('millrace_worker_busy_slots'))
  expect(lines.length).toBeGreaterThan(0)
  return lines.map((line) => Number(line.split(' ').at(-1))).reduce((sum, value) => sum + value, 0)
}

async function keysLike(cluster: Cluster, pattern: string): Promise<string[]> {
  const redis = new Redis(cluster.redisUrl)
  try {
    return await redis.keys(`${cluster.redisPrefix}${pattern}`)
  } finally {
    redis.disconnect()
  }
}

describe('a cluster from outside', () => {
  test('a stream begun on one API goes on while another API is used, and ends with the exact text', async () => {
    await using cluster = await startCluster({ scripted: true, apis: 2, devices: 'cpu,cpu' })
    const texts = await Promise.all(
      cluster.urls.map(async (url) => {
        const stream = await clientOf(cluster, { url }).chat.completions.create({
          model,
          messages: hello,
          stream: true,
        })
        let text = ''
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
        return text
      }),
    )
    expect(texts[0]).toBe(texts[1])
    expect(texts[0]).not.toBe('')
  })

  test.each(['streaming', 'blocking'])('a %s client that leaves frees its slot for the next one', async (form) => {
    await using cluster = await startCluster({ scripted: true, env: { ...endless, SLOTS: '1' } })
    const leave = new AbortController()
    const left = clientOf(cluster)
      .chat.completions.create({ model, messages: hello, stream: form === 'streaming' }, { signal: leave.signal })
      .catch((error: unknown) => error)
    await eventually(async () => (await busySlots(cluster)) === 1)
    leave.abort()
    await left
    await eventually(async () => (await busySlots(cluster)) === 0)
    const next = await clientOf(cluster).chat.completions.create({ model, messages: hello, max_tokens: 3 })
    expect(next.usage?.completion_tokens).toBe(3)
  })

  test('a client that leaves the queue is never started', async () => {
    await using cluster = await startCluster({ scripted: true, env: { ...endless, SLOTS: '1' } })
    const running = new AbortController()
    const waiting = new AbortController()
    const start = (signal: AbortSignal) =>
      clientOf(cluster)
        .chat.completions.create({ model, messages: hello }, { signal })
        .catch((error: unknown) => error)
    const first = start(running.signal)
    await eventually(async () => (await busySlots(cluster)) === 1)
    const second = start(waiting.signal)
    await eventually(async () => (await keysLike(cluster, ':queue:*:prioritized')).length === 1)
    waiting.abort()
    await second
    await eventually(async () => (await keysLike(cluster, ':queue:*:prioritized')).length === 0)
    running.abort()
    await first
    await eventually(async () => (await busySlots(cluster)) === 0)
  })

  test('a wrong key is refused before anything is queued', async () => {
    await using cluster = await startCluster({ scripted: true })
    const refused = clientOf(cluster, { apiKey: 'not-a-key-of-ours' }).chat.completions.create({
      model,
      messages: hello,
    })
    await expect(refused).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('a quota holds over two APIs together, and says when to come back', async () => {
    await using cluster = await startCluster({ scripted: true, apis: 2, env: { RATE_LIMIT_RPM: '2' } })
    const ask = (index: number) =>
      clientOf(cluster, { url: cluster.urls[index] ?? '' }).chat.completions.create({ model, messages: hello })
    await ask(0)
    await ask(1)
    const error = await ask(0).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    const { headers } = error as InstanceType<typeof OpenAI.RateLimitError>
    expect(Number(headers?.get('retry-after'))).toBeGreaterThan(0)
    expect(headers?.get('x-ratelimit-remaining-requests')).toBe('0')
  })

  test('without a worker the cluster says so at once', async () => {
    await using cluster = await startCluster({ scripted: true })
    await cluster.supervisor.stop()
    await eventually(async () => (await fetch(`${cluster.urls[0]}/readyz`)).status === 503)
    const refused = clientOf(cluster).chat.completions.create({ model, messages: hello })
    await expect(refused).rejects.toMatchObject({ status: 503, code: 'model_unavailable' })
  })

  test('SIGTERM in the middle of streams leaves no process and no lock behind', async () => {
    const cluster = await startCluster({
      scripted: true,
      devices: 'cpu,cpu',
      env: { ...endless, SHUTDOWN_TIMEOUT: '2s' },
    })
    const stream = await clientOf(cluster).chat.completions.create({ model, messages: hello, stream: true })
    const reading = (async () => {
      for await (const chunk of stream) void chunk
    })().catch((error: unknown) => error)
    const workers = await workerPids(cluster)
    expect(workers).toHaveLength(2)
    const [api] = cluster.apis
    await Promise.all([api?.stop(), cluster.supervisor.stop()])
    await reading
    expect(workers.filter(isAlive)).toEqual([])
    expect(await keysLike(cluster, ':queue:*:lock')).toEqual([])
    await cluster[Symbol.asyncDispose]()
  })
})

type Health = { workers: { pid: number }[] }

async function workerPids(cluster: Cluster): Promise<number[]> {
  const health = (await (await fetch(`${cluster.supervisorUrl}/healthz`)).json()) as Health
  return health.workers.map(({ pid }) => pid)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
