import type { ReservedParameters } from './reserved-parameters.ts'

const never = () => false
const oneOf =
  (...neutral: readonly unknown[]) =>
  (value: unknown) =>
    neutral.includes(value)
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0
const isEmptyObject = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0
const isTextOnly = (value: unknown) => Array.isArray(value) && value.length === 1 && value[0] === 'text'

/** Of a chat completion request: known to OpenAI's clients, not honoured yet, accepted while they ask for nothing. */
export const chatReservedParameters: ReservedParameters = {
  audio: never,
  function_call: oneOf('none', 'auto'),
  functions: isEmptyList,
  logit_bias: isEmptyObject,
  logprobs: oneOf(false),
  modalities: isTextOnly,
  moderation: never,
  // Without tools there are no calls, parallel or not.
  parallel_tool_calls: oneOf(true, false),
  prediction: never,
  prompt_cache_options: never,
  prompt_cache_retention: oneOf('in_memory', 'in-memory'),
  reasoning_effort: oneOf('none'),
  store: oneOf(false),
  tool_choice: oneOf('none', 'auto'),
  tools: isEmptyList,
  top_logprobs: oneOf(0),
  verbosity: oneOf('medium'),
  web_search_options: never,
}
