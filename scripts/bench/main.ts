/**
 * `npm run bench`: Millrace beside node-llama-cpp used directly: same weights, threads, context and questions, in
 * interleaved rounds (A B A B …) of one run. Ratios are what to read; absolute figures depend on the machine.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { modelCard } from '@millrace/engine/catalogue'
import { ensureModel } from '@millrace/engine/models'
import { directContestant } from './direct-contestant.ts'
import { type Contestant, type Measurement, median } from './measurement.ts'
import { millraceContestant } from './millrace-contestant.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '96' },
    streams: { type: 'string', default: '1,4,8' },
    threads: { type: 'string', default: String(Math.max(1, Math.floor(availableParallelism() / 2))) },
    model: { type: 'string', default: 'smollm2-135m-instruct' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const threads = Number(options.threads)
const slots = 8
const contextSize = 1024

const card = modelCard(options.model)
const modelPath = await ensureModel(card, { modelsDir: modelsDir(), hfToken: process.env.HF_TOKEN })
await using contestants = new AsyncDisposableStack()
const direct = { modelPath, slots, contextSize, threads }
const all: Contestant[] = []
for (const start of [
  () => directContestant({ ...direct, name: 'node-llama-cpp, default', env: {} }),
  () => directContestant({ ...direct, name: 'node-llama-cpp, pool of 1', env: { UV_THREADPOOL_SIZE: '1' } }),
  () =>
    millraceContestant({
      model: card.id,
      env: { MODEL_ID: options.model, SLOTS: `${slots}`, CONTEXT_SIZE: `${contextSize}`, THREADS: `${threads}` },
    }),
])
  all.push(contestants.use(await start()))

console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} threads seen, ${threads} used; Node ${process.version}`,
)
console.log(`${card.id}, ${options.tokens} tokens each, ${rounds} rounds after one warm-up; median (min to max)\n`)
const results = []
for (const streams of options.streams.split(',').map(Number)) results.push(await compare(streams))
if (options.json) console.log(JSON.stringify(results, undefined, 2))

async function compare(streams: number) {
  const taken = new Map<string, Measurement[]>(all.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++)
    for (const contestant of all) {
      const measurement = await contestant.run({ streams, tokens: Number(options.tokens), round })
      if (round > 0) taken.get(contestant.name)?.push(measurement)
      showProgress(`${streams} streams, round ${round} of ${rounds}: ${contestant.name}`)
    }
  showProgress('')
  return report(streams, taken)
}

/** One line that is written over, on a terminal only. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`)
}

function report(streams: number, taken: Map<string, Measurement[]>) {
  const ours = taken.get('Millrace') ?? []
  const lines = [...taken].map(([name, rounds]) => {
    const ratios = rounds.map((theirs, index) => (ours[index]?.tokensPerSecond ?? Number.NaN) / theirs.tokensPerSecond)
    return {
      streams,
      name,
      tokensPerSecond: spread(rounds.map((round) => round.tokensPerSecond)),
      firstTokenMs: spread(rounds.map((round) => round.firstTokenMs)),
      millraceRatio: spread(ratios, 2),
    }
  })
  console.table(lines)
  return lines
}

function spread(values: readonly number[], digits = 1): string {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((v) => v.toFixed(digits))
  return `${middle} (${low} to ${high})`
}

function modelsDir(): string {
  return process.env.MODELS_DIR ?? new URL('../../data/models', import.meta.url).pathname
}
