import { randomUUID } from 'node:crypto'
import type { EmbeddingJob, GenerationJob } from '@millrace/contracts/jobs'

export const chatModel = 'smollm2-135m-instruct'
export const embeddingModel = 'all-minilm-l6-v2'

function envelope() {
  const submittedAtMs = Date.now()
  const deadlineAtMs = submittedAtMs + 600_000
  return { id: randomUUID(), tenant: 'tenant', requestId: 'request', submittedAtMs, deadlineAtMs }
}

/** A greedy generation with one user message. */
export function aGeneration(text: string, changes: Partial<GenerationJob> = {}): GenerationJob {
  const sampling = { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 1 }
  const messages = [{ role: 'user' as const, text }]
  const rest = { messages, sampling, stop: [], maxTokens: 1_000_000 }
  return { kind: 'generation', model: chatModel, ...envelope(), ...rest, ...changes }
}

export function anEmbedding(inputs: string[]): EmbeddingJob {
  return { kind: 'embedding', model: embeddingModel, ...envelope(), inputs }
}
