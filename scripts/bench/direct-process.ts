/**
 * The limit inside Node: node-llama-cpp alone in one process, used as its guide shows, without queue, log or HTTP.
 * Receives loads from its parent, answers with measurements.
 */
import { getLlama, LlamaChatSession, type LlamaContextSequence, LlamaLogLevel, type LlamaModel } from 'node-llama-cpp'
import { type Load, question, stopwatch } from './measurement.ts'

/** That of SmolLM2's own template, which Millrace renders: the library's default prompt is three times as long. */
const systemPrompt = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face'

const [modelPath = '', slots = '8', contextSize = '1024', threads = '1'] = process.argv.slice(2)
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error })
const model: LlamaModel = await llama.loadModel({ modelPath })
const context = await model.createContext({
  sequences: Number(slots),
  contextSize: Number(contextSize),
  threads: Number(threads),
})
const sequences = Array.from({ length: Number(slots) }, () => context.getSequence())

process.on('message', (load: Load) => {
  run(load).then(
    (measurement) => process.send?.(measurement),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.send?.('ready')

async function run(load: Load) {
  const watch = stopwatch()
  const counts = await Promise.all(
    sequences.slice(0, load.streams).map((sequence, stream) => generate(sequence, load, stream, watch.firstToken)),
  )
  return watch.result(counts.reduce((sum, count) => sum + count, 0))
}

async function generate(sequence: LlamaContextSequence, load: Load, stream: number, firstToken: () => void) {
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt })
  let count = 0
  await session.prompt(question(load, stream), {
    temperature: 0,
    maxTokens: load.tokens,
    onToken: (tokens) => {
      if (count === 0) firstToken()
      count += tokens.length
    },
  })
  // The sequence keeps its state: the next session reuses the system prompt's, as Millrace's slots do.
  session.dispose({ disposeSequence: false })
  return count
}
