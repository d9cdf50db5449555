import { Failure } from '@millrace/contracts/failures'
import type { ChatTurn, GenerationJob, Sampling } from '@millrace/contracts/jobs'
import type { ChatCompletionRequest, ServiceTier } from '@millrace/contracts/openai'
import type { JobEnvelope } from '../jobs/admit-request.ts'
import { estimatedTokens } from '../quota/estimated-tokens.ts'
import { answerGrammar } from './answer-grammar.ts'
import { chatTurns } from './chat-turns.ts'
import { choiceJobId } from './choice-job-id.ts'
import { choiceSeed, samplerSeed } from './sampler-seed.ts'

export type ChatPlan = {
  choices: number
  /** Estimate for the limits, corrected by what was really used. */
  tokens: number
  serviceTier: ServiceTier
  /** It is bound to get the same answer whenever it is asked. */
  deterministic: boolean
  createJobs: (id: string, envelope: JobEnvelope) => { job: GenerationJob; costTokens: number }[]
}

/** Every choice carries the prompt; together they must not flood the queue. */
const totalCharsLimit = 64 * 1024 * 1024
/** What is reserved for an answer whose length the request does not limit: few are longer. */
const typicalCompletionTokens = 512

/** What a chat request asks for, with OpenAI's defaults filled in. */
export function planChat(
  request: ChatCompletionRequest,
  { systemPrompt, maxTokens }: { systemPrompt: string | undefined; maxTokens: number },
): ChatPlan {
  const { service_tier } = request
  const messages = chatTurns(request.messages, systemPrompt)
  const choices = request.n ?? 1
  refuseFlood(messages, choices)
  const promptTokens = messages.reduce((sum, { text }) => sum + estimatedTokens(text), 0)
  const requested = request.max_completion_tokens ?? request.max_tokens
  const completionTokens = Math.min(requested ?? typicalCompletionTokens, maxTokens)
  const sampling = toSampling(request)
  const stop = typeof request.stop === 'string' ? [request.stop] : (request.stop ?? [])
  const grammar = answerGrammar(request)
  return {
    choices,
    tokens: promptTokens + choices * completionTokens,
    serviceTier: service_tier === 'auto' ? 'default' : (service_tier ?? 'default'),
    deterministic: sampling.temperature === 0 || typeof request.seed === 'number',
    createJobs: (id, envelope) =>
      Array.from({ length: choices }, (_, choice) => ({
        costTokens: promptTokens + completionTokens,
        job: {
          ...envelope,
          kind: 'generation',
          id: choiceJobId(id, choice),
          messages,
          sampling: { ...sampling, seed: choiceSeed(sampling.seed, choice) },
          stop,
          maxTokens: Math.min(requested ?? maxTokens, maxTokens),
          ...(grammar === undefined ? {} : { grammar }),
        },
      })),
  }
}

function toSampling(request: ChatCompletionRequest): Sampling {
  return {
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    presencePenalty: request.presence_penalty ?? 0,
    frequencyPenalty: request.frequency_penalty ?? 0,
    seed: samplerSeed(request.seed),
  }
}

function refuseFlood(messages: readonly ChatTurn[], choices: number): void {
  const chars = messages.reduce((sum, { text }) => sum + text.length, 0)
  if (choices === 1 || chars * choices <= totalCharsLimit) return
  const message = `Invalid 'n': ${choices} choices of a prompt of ${chars} characters are too many.`
  throw new Failure('invalid_request', message, { param: 'n' })
}
