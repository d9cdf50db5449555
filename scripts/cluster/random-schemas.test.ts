import { resolve } from 'node:path'
import type { GenerationJob } from '@millrace/contracts/jobs'
import { createEngine } from '@millrace/engine'
import { compileJsonSchema } from '@millrace/grammar'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '../..')

const leaf = fc.constantFrom<object[]>(
  { type: 'boolean' },
  { type: ['integer', 'null'], minimum: -20, maximum: 300 },
  { type: 'number', exclusiveMinimum: 0, maximum: 2.5 },
  { type: 'string', maxLength: 8 },
  { type: 'string', pattern: '^[A-Z][a-z]{1,4}( [A-Z]\\.)?$' },
  { enum: ['a "quoted" word', 'naïve', 7, null, { a: [1] }] },
)
const small = fc.oneof(
  leaf,
  leaf.map((items) => ({ type: 'array', items, minItems: 1, maxItems: 3 })),
  fc.tuple(leaf, leaf).map((anyOf) => ({ anyOf })),
)
const schemas = fc
  .tuple(fc.dictionary(fc.string({ maxLength: 5 }), small, { minKeys: 1, maxKeys: 3 }), fc.boolean())
  .map(([properties, all]) => ({
    type: 'object',
    properties,
    required: Object.keys(properties).slice(all ? 0 : 1),
    additionalProperties: false,
  }))

test('what a real model writes at temperature 1 satisfies random schemas', async () => {
  const engine = await createEngine({
    ...{ modelId: 'smollm2-135m-instruct', embeddingModelId: 'all-minilm-l6-v2', device: 'cpu', hfToken: undefined },
    ...{
      modelsDir: process.env.MODELS_DIR ?? resolve(repository, 'data/models'),
      slots: 2,
      contextSize: 512,
      threads: 1,
    },
  })
  try {
    const property = fc.asyncProperty(schemas, fc.nat(), async (schema, seed) => {
      let text = ''
      let reason = ''
      const job = jobFor(compileJsonSchema(schema), seed)
      for await (const event of engine.generate(job, { signal: new AbortController().signal })) {
        if (event.type === 'text-delta') text += event.text
        if (event.type === 'job-finished') reason = event.reason
      }
      expect(reason, text).toBe('stop')
      const validate = new Ajv2020({ strict: false }).compile(schema)
      validate(JSON.parse(text))
      expect(validate.errors, text).toBeNull()
    })
    await fc.assert(property, { numRuns: 15, endOnFailure: true })
  } finally {
    await engine.close()
  }
})

function jobFor(grammar: string, seed: number): GenerationJob {
  return {
    ...{
      id: 'job',
      tenant: 't',
      requestId: 'r',
      model: 'any',
      submittedAtMs: 0,
      deadlineAtMs: Number.MAX_SAFE_INTEGER,
    },
    ...{ kind: 'generation', stop: [], maxTokens: 300, grammar },
    messages: [{ role: 'user', text: 'Write some JSON.' }],
    sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed },
  }
}
