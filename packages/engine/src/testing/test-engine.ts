import { resolve } from 'node:path'
import type { EmbeddingJob, Engine, GenerationJob } from '@millrace/contracts/jobs'
import { createEngine } from '../create-engine.ts'

/** Shared by all tests on this machine, so that weights are fetched once. */
export const modelsDir = process.env.MODELS_DIR ?? resolve(import.meta.dirname, '../../../../data/models')

/** The real default models in small contexts. */
export function testEngine(options: { slots?: number; contextSize?: number } = {}): Promise<Engine> {
  return createEngine({
    modelId: 'smollm2-135m-instruct',
    embeddingModelId: 'all-minilm-l6-v2',
    modelsDir,
    hfToken: undefined,
    device: 'cpu',
    slots: options.slots ?? 2,
    contextSize: options.contextSize ?? 512,
    threads: 1,
  })
}

const envelope = {
  id: 'job-1',
  tenant: 'test',
  requestId: 'request-1',
  model: 'any',
  submittedAtMs: 0,
  deadlineAtMs: Number.MAX_SAFE_INTEGER,
}

export function generationJob(text: string, options: Partial<GenerationJob> = {}): GenerationJob {
  return {
    ...envelope,
    kind: 'generation',
    messages: [{ role: 'user', text }],
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 1 },
    stop: [],
    maxTokens: 24,
    ...options,
  }
}

export function embeddingJob(...inputs: EmbeddingJob['inputs']): EmbeddingJob {
  return { ...envelope, kind: 'embedding', inputs }
}
