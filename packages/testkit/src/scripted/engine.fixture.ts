import type { Engine, GenerationEvent, GenerationJob } from '@millrace/contracts/jobs'
import { vi } from 'vitest'
import { collect } from '../collect.ts'
import { createEngine } from '../scripted-engine.ts'

type Pace = { tokens?: number; perSecond?: number; slots?: number; contextSize?: number }

/** A scripted engine; as fast as possible unless told otherwise. */
export async function engineWith({
  tokens = 40,
  perSecond = 0,
  slots = 4,
  contextSize = 4096,
}: Pace = {}): Promise<Engine> {
  vi.stubEnv('SCRIPTED_TOKENS', String(tokens))
  vi.stubEnv('SCRIPTED_TOKENS_PER_SECOND', String(perSecond))
  return createEngine({
    modelId: 'chat-model',
    embeddingModelId: 'vector-model',
    modelsDir: '/nowhere',
    hfToken: undefined,
    device: 'cpu',
    slots,
    contextSize,
    threads: 1,
  })
}

export const envelope = { id: 'job', tenant: 'test', requestId: 'request', submittedAtMs: 0, deadlineAtMs: 0 }

/** A generation job with one user message. */
export function chat(text: string, options: Partial<GenerationJob> = {}): GenerationJob {
  const sampling = { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 1 }
  const messages = [{ role: 'user' as const, text }]
  const limits = { stop: [], maxTokens: 1000 }
  return { ...envelope, kind: 'generation', model: 'chat-model', messages, sampling, ...limits, ...options }
}

export const never = new AbortController().signal
export const run = (engine: Engine, job: GenerationJob) => collect(engine.generate(job, { signal: never }))
export const deltasOf = (events: GenerationEvent[]) => events.filter((event) => event.type === 'text-delta')
export const textOf = (events: GenerationEvent[]) =>
  deltasOf(events)
    .map(({ text }) => text)
    .join('')
export const tokensOf = (events: GenerationEvent[]) => deltasOf(events).flatMap(({ tokens }) => tokens)
