import { z } from 'zod'
import { listOf } from './list-of.ts'
import { refuseReserved, refuseReservedValues } from './reserved-parameters.ts'

/** One piece of a message's content. Images, audio and files are refused by name. */
export const TextPart = z.preprocess(
  refuseReservedValues('type', ['image_url', 'input_audio', 'file', 'refusal']),
  z.strictObject({ type: z.literal('text'), text: z.string() }),
)
export type TextPart = z.infer<typeof TextPart>

/** Far more than any client sends. */
const partsLimit = 10_000
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0

/**
 * A message as clients write it. The empty fields of an answer of ours (`refusal: null`, `tool_calls: []`) are taken,
 * because clients append the answer's message to the next request as it is. `name` is accepted and not shown to the
 * model: chat templates have no place for it.
 */
export const ChatMessage = z.preprocess(
  (input, context) =>
    refuseReserved({
      tool_calls: isEmptyList,
      tool_call_id: () => false,
      function_call: () => false,
      audio: () => false,
      refusal: (value) => value === '',
      annotations: isEmptyList,
    })(refuseReservedValues('role', ['tool', 'function'])(input, context), context),
  z.strictObject({
    role: z.enum(['system', 'developer', 'user', 'assistant']),
    content: z.union([z.string(), listOf(TextPart, { min: 1, max: partsLimit })]),
    name: z.string().nullish(),
  }),
)
export type ChatMessage = z.infer<typeof ChatMessage>
