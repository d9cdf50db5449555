import { describe, expect, test } from 'vitest'
import { ChatCompletionRequest } from './chat-completion-request.ts'
import { requestFailure } from './request-failure.ts'

const minimal = { model: 'm', messages: [{ role: 'user', content: 'hello' }] }

function failureOf(body: unknown) {
  const { success, error } = ChatCompletionRequest.safeParse(body)
  if (success) throw new Error('the request was accepted')
  const { code, param, message } = requestFailure(error)
  return { code, param, message }
}

describe('a chat completion request is accepted', () => {
  const accepted: [string, object][] = [
    ['with nothing but model and messages', {}],
    ['with null for every optional parameter', { temperature: null, top_p: null, n: null, stop: null, seed: null }],
    ['with null for reserved parameters', { tools: null, logprobs: null, response_format: null, audio: null }],
    ['with a negative seed', { seed: -1 }],
    ['with one stop string', { stop: 'END' }],
    ['with four stop strings', { stop: ['a', 'b', 'c', 'd'] }],
    ['with both names of the token limit', { max_tokens: 5, max_completion_tokens: 7 }],
    ['with the bounds of the samplers', { temperature: 2, top_p: 0, presence_penalty: -2, frequency_penalty: 2 }],
    ['with stream options when it streams', { stream: true, stream_options: { include_usage: true } }],
    [
      'with reserved parameters that ask for nothing',
      {
        tools: [],
        tool_choice: 'none',
        parallel_tool_calls: true,
        functions: [],
        function_call: 'none',
        logit_bias: {},
        logprobs: false,
        top_logprobs: 0,
        modalities: ['text'],
        reasoning_effort: 'none',
        verbosity: 'medium',
        service_tier: 'auto',
        store: false,
        prompt_cache_retention: 'in_memory',
        stream_options: null,
      },
    ],
    ['with metadata and the names of the end user', { metadata: { a: 'b' }, user: 'u', safety_identifier: 's' }],
    ['with any text as its format', { response_format: { type: 'text' }, grammar: 'root ::= "a"' }],
    ['with a JSON object as its format', { response_format: { type: 'json_object' } }],
    [
      'with a schema as its format',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: { type: 'object' } } },
      },
    ],
    ['with text parts', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] }],
    [
      "with an answer's message appended as it came",
      { messages: [{ role: 'assistant', content: 'a', refusal: null, annotations: [], tool_calls: [], audio: null }] },
    ],
  ]
  test.each(accepted)('%s', (_, extra) => {
    expect(ChatCompletionRequest.safeParse({ ...minimal, ...extra }).error).toBeUndefined()
  })

  test('without keeping reserved parameters', () => {
    expect(ChatCompletionRequest.parse({ ...minimal, tools: [], store: false })).toEqual(minimal)
  })
})

describe('a parameter that a later version will honour is refused by name', () => {
  const reserved: [string, object][] = [
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['logit_bias', { logit_bias: { 50256: -100 } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['audio', { audio: { voice: 'alloy', format: 'mp3' } }],
    ['prediction', { prediction: { type: 'content', content: 'x' } }],
    ['web_search_options', { web_search_options: {} }],
    ['reasoning_effort', { reasoning_effort: 'high' }],
    ['store', { store: true }],
    ['verbosity', { verbosity: 'low' }],
    ['stream_options.include_obfuscation', { stream: true, stream_options: { include_obfuscation: true } }],
    ['messages[1].role', { messages: [...minimal.messages, { role: 'tool', tool_call_id: 'x', content: 'y' }] }],
    ['messages[0].role', { messages: [{ role: 'function', name: 'f', content: 'y' }] }],
    ['messages[0].tool_calls', { messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'c' }] }] }],
    [
      'messages[0].content[1].type',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'image_url', image_url: { url: 'x' } },
            ],
          },
        ],
      },
    ],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'file' }] }] }],
  ]
  test.each(reserved)('%s', (param, extra) => {
    const failure = failureOf({ ...minimal, ...extra })
    expect(failure).toMatchObject({ code: 'unsupported_parameter', param })
    expect(failure.message).toContain(param)
  })
})

describe('a wrong value is refused with the path of its parameter', () => {
  const wrong: [string, object][] = [
    ['model', { model: undefined }],
    ['model', { model: '' }],
    ['model', { model: 7 }],
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'hello' }],
    ['messages[0]', { messages: ['hello'] }],
    ['messages[0].role', { messages: [{ content: 'x' }] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: null }] }],
    ['messages[0].content', { messages: [{ role: 'assistant', content: null }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: [] }] }],
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }],
    ['messages[0].colour', { messages: [{ role: 'user', content: 'x', colour: 'red' }] }],
    ['temperature', { temperature: 2.1 }],
    ['temperature', { temperature: -0.1 }],
    ['temperature', { temperature: Number.POSITIVE_INFINITY }],
    ['temperature', { temperature: '1' }],
    ['top_p', { top_p: 1.01 }],
    ['n', { n: 0 }],
    ['n', { n: 129 }],
    ['n', { n: 1.5 }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_completion_tokens', { max_completion_tokens: 1e20 }],
    ['stop', { stop: '' }],
    ['stop[1]', { stop: ['a', ''] }],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['seed', { seed: 1.5 }],
    ['seed', { seed: 2 ** 60 }],
    ['presence_penalty', { presence_penalty: 3 }],
    ['frequency_penalty', { frequency_penalty: -3 }],
    ['stream', { stream: 'yes' }],
    ['stream_options', { stream_options: { include_usage: true } }],
    ['metadata.a', { metadata: { a: 1 } }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])) }],
    ['metadata', { metadata: ['a'] }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['response_format.json_schema.name', { response_format: { type: 'json_schema', json_schema: { schema: {} } } }],
    [
      'response_format.json_schema.name',
      { response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } } },
    ],
    [
      'response_format.json_schema.schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: 7 } } },
    ],
    ['grammar', { grammar: '' }],
    ['grammar', { grammar: 'root ::= "a"', response_format: { type: 'json_object' } }],
  ]
  test.each(wrong)('%s %j', (param, extra) => {
    const failure = failureOf({ ...minimal, ...extra })
    expect(failure).toMatchObject({ code: 'invalid_request', param })
    expect(failure.message).toContain(param)
  })
})

describe('an unknown parameter is refused by name', () => {
  test.each(['temprature', 'top_k', 'constructor', 'toString'])('%s', (name) => {
    expect(failureOf({ ...minimal, [name]: 1 })).toEqual({
      code: 'invalid_request',
      param: name,
      message: `Unrecognized request argument supplied: ${name}`,
    })
  })

  test('also when it is named __proto__', () => {
    const body: unknown = JSON.parse('{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"n":2}}')
    expect(failureOf(body)).toMatchObject({ param: '__proto__' })
  })
})

test.each([null, [], 'text', 7, true])('a body that is no object is refused: %j', (body) => {
  expect(failureOf(body)).toMatchObject({ code: 'invalid_request', param: undefined })
})

test('a message says what was expected', () => {
  expect(failureOf({ ...minimal, temperature: 3 }).message).toBe("Invalid 'temperature': expected number to be <=2.")
  expect(failureOf({ model: 'm' }).message).toBe("Missing required parameter: 'messages'.")
  expect(failureOf({ ...minimal, messages: [{ role: 'user', content: 7 }] }).message).toBe(
    "Invalid 'messages[0].content': expected string or array, received number.",
  )
})

describe('a body full of mistakes is refused for the first one, soon', () => {
  const many = 1_000_000
  test.each<[string, object]>([
    ['messages[0]', { messages: new Array(many).fill(1) }],
    ['messages[100].role', { messages: [...new Array(100).fill(minimal.messages[0]), ...new Array(many).fill({})] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: new Array(many).fill({}) }] }],
    ['messages', { messages: new Array(10_001).fill(minimal.messages[0]) }],
    ['stop[0]', { stop: new Array(many).fill(1) }],
    ['stop', { stop: new Array(many).fill('a') }],
    ['metadata.k0', { metadata: Object.fromEntries(Array.from({ length: many }, (_, index) => [`k${index}`, 1])) }],
  ])('%s', (param, extra) => {
    const body = { ...minimal, ...extra }
    const jsonMs = durationMs(() => JSON.parse(JSON.stringify(body)))
    const refusalMs = durationMs(() => expect(failureOf(body)).toMatchObject({ param }))
    // Reporting every mistake took hundreds of times as long as the JSON.
    expect(refusalMs / Math.max(jsonMs, 5)).toBeLessThan(50)
  })
})

function durationMs(work: () => unknown): number {
  const startedAtMs = performance.now()
  work()
  return performance.now() - startedAtMs
}
