/**
 * `npm run bench:log`: what it costs to log every token. The same engine decodes the same questions, in interleaved
 * rounds of one run: once its events are dropped, once they go to a delta log in a real Redis with AOF, as a worker
 * writes it. One process, as a worker is.
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { GenerationEvent } from '@millrace/contracts/jobs'
import { DeltaLogWriter } from '@millrace/delta-log'
import { createEngine } from '@millrace/engine'
import { startRedis, uniquePrefix } from '@millrace/testkit'
import { Redis } from 'ioredis'
import { median, question } from './measurement.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    tokens: { type: 'string', default: '96' },
    streams: { type: 'string', default: '1,8' },
  },
})

// As for a worker: the native thread pool is made before any of our code runs.
if (process.env.UV_THREADPOOL_SIZE !== '1') {
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
  process.exit(spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' }).status ?? 1)
}

const [tokens, rounds] = [Number(options.tokens), Number(options.rounds)]
await using started = new AsyncDisposableStack()
const server = await startRedis()
started.defer(() => server.stop())
const redis = new Redis(server.url, { maxRetriesPerRequest: null })
started.defer(() => redis.disconnect())
const writer = new DeltaLogWriter({ redis, prefix: uniquePrefix(), ttlMs: 60_000 })
started.defer(() => writer.close())
const engine = await createEngine({
  ...{ modelId: 'smollm2-135m-instruct', embeddingModelId: 'all-minilm-l6-v2', hfToken: undefined, device: 'cpu' },
  modelsDir: process.env.MODELS_DIR ?? join(resolve(import.meta.dirname, '../..'), 'data/models'),
  ...{ slots: 8, contextSize: 1024, threads: 1 },
})
started.defer(() => engine.close())

for (const streams of options.streams.split(',').map(Number)) {
  const ratios: number[] = []
  for (let round = 0; round <= rounds; round++) {
    // Each goes first every other time, so that neither gains from the other's warmth.
    const order = round % 2 === 0 ? [false, true] : [true, false]
    const rates = new Map<boolean, number>()
    for (const logged of order) rates.set(logged, await decode({ streams, round, logged }))
    const ratio = (rates.get(true) ?? 0) / (rates.get(false) ?? 1)
    if (round > 0) ratios.push(ratio)
    console.log(
      `${streams} streams, round ${round} of ${rounds}: ${rates.get(false)?.toFixed(1)} tokens/s without the log, ${rates.get(true)?.toFixed(1)} with it`,
    )
  }
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((x) => x.toFixed(3))
  console.log(`${streams} streams: with the log ${middle} (${least} to ${most}) of the tokens/s without it\n`)
}

/** Tokens per second of all streams together. */
async function decode(load: { streams: number; round: number; logged: boolean }): Promise<number> {
  const startedAtMs = performance.now()
  const counts = await Promise.all(Array.from({ length: load.streams }, (_, stream) => decodeOne(load, stream)))
  return counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - startedAtMs) / 1000)
}

async function decodeOne(
  { streams, round, logged }: { streams: number; round: number; logged: boolean },
  stream: number,
) {
  const id = `bench-${streams}-${round}-${stream}-${logged}`
  // Questions of their own: neither finds the other's in a slot.
  const text = question({ streams, tokens, round }, 2 * stream + Number(logged))
  const now = Date.now()
  const events = engine.generate(
    {
      ...{ kind: 'generation', id, tenant: 'bench', requestId: id, model: 'smollm2-135m-instruct', stop: [] },
      ...{ submittedAtMs: now, deadlineAtMs: now + 600_000, maxTokens: tokens },
      messages: [{ role: 'user', text }],
      sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 1 },
    },
    { signal: new AbortController().signal },
  )
  return logged ? await log(id, events) : await drop(events)
}

async function drop(events: AsyncIterable<GenerationEvent>): Promise<number> {
  let count = 0
  for await (const event of events) if (event.type === 'text-delta') count += event.tokens.length
  return count
}

async function log(jobId: string, events: AsyncIterable<GenerationEvent>): Promise<number> {
  const claim = await writer.claim(jobId)
  const appends: Promise<void>[] = []
  let count = 0
  for await (const event of events) {
    appends.push(writer.append(claim, [event]))
    if (event.type === 'text-delta') count += event.tokens.length
  }
  await Promise.all(appends)
  return count
}
