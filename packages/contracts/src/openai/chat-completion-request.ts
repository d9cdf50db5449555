import { z } from 'zod'
import { ChatMessage } from './chat-message.ts'
import { chatReservedParameters } from './chat-reserved-parameters.ts'
import { listOf } from './list-of.ts'
import { RequestMetadata } from './request-metadata.ts'
import { refuseReserved } from './reserved-parameters.ts'
import { ResponseFormat } from './response-format.ts'
import { serviceTiers } from './service-tier.ts'

/** Far more than any client sends. */
const messagesLimit = 10_000
/** Choices of one request; OpenAI's own limit. */
const choicesLimit = 128
/** No context window is near it; it keeps later sums exact. */
const tokensLimit = 2 ** 31 - 1

/** Larger ones are refused; it is also what the compiler of schemas keeps to. */
const grammarCharsLimit = 256 * 1024

const StreamOptions = z.preprocess(
  refuseReserved({ include_obfuscation: (value) => value === false }),
  z.strictObject({ include_usage: z.boolean().nullish() }),
)

const fields = z.strictObject({
  model: z.string().min(1),
  messages: listOf(ChatMessage, { min: 1, max: messagesLimit }),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.int().min(1).max(choicesLimit).nullish(),
  /** Older name of `max_completion_tokens`, which wins when both are given. */
  max_tokens: z.int().min(1).max(tokensLimit).nullish(),
  max_completion_tokens: z.int().min(1).max(tokensLimit).nullish(),
  stop: z.union([z.string().min(1), listOf(z.string().min(1), { max: 4 })]).nullish(),
  seed: z.int().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  stream: z.boolean().nullish(),
  stream_options: StreamOptions.nullish(),
  service_tier: z.enum(['auto', ...serviceTiers]).nullish(),
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  /** A hint; prompts are cached by what they begin with, whether it is given or not. */
  prompt_cache_key: z.string().nullish(),
  /** Checked and not kept: nothing is stored yet that it could label. */
  metadata: RequestMetadata.nullish(),
  response_format: ResponseFormat.nullish(),
  /** An extension: the answer is a text of this grammar, in llama.cpp's notation (GBNF). */
  grammar: z.string().min(1).max(grammarCharsLimit).nullish(),
})

const oneConstraint = (request: z.infer<typeof fields>, context: z.RefinementCtx) => {
  if (!request.grammar || !request.response_format || request.response_format.type === 'text') return
  context.addIssue({ code: 'custom', path: ['grammar'], message: "it cannot be combined with 'response_format'" })
}

const streamOptionsNeedStream = (request: z.infer<typeof fields>, context: z.RefinementCtx) => {
  if (!request.stream_options || request.stream) return
  context.addIssue({
    code: 'custom',
    path: ['stream_options'],
    message: "it is only allowed when 'stream' is enabled",
  })
}

/**
 * Body of `POST /v1/chat/completions`, after
 * https://platform.openai.com/docs/api-reference/chat/create. `null` means the default.
 */
export const ChatCompletionRequest = z.preprocess(
  refuseReserved(chatReservedParameters),
  fields.superRefine(streamOptionsNeedStream).superRefine(oneConstraint),
)
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>
