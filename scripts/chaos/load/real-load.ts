import OpenAI from 'openai'
import { chatBody } from '../clients/chat-body.ts'
import type { ChatRequest } from '../clients/request.ts'
import { drawRequest } from './draw-request.ts'
import type { ExpectedChoice, Load } from './load.ts'

const contents = [
  'Tell me a story about a mill on a river.',
  'Why is the sky blue?',
  'Write a poem about rain.',
  'How does a water wheel work?',
  'What do bees do in winter?',
  'Explain what a queue is.',
]
const maxTokens = 48

type Reference = ExpectedChoice & { promptTokens: number }

/** SmolLM2-135M, greedy. What is expected are answers that it gave alone and undisturbed. */
export function realLoad(): Load {
  const references = new Map<string, Reference>()
  const vectors = new Map<string, number[]>()
  const referenceOf = (content: string) => found(references.get(content), content)
  return {
    env: { CONTEXT_SIZE: '512' },
    scripted: false,
    isExact: false,
    prepare: async ({ urls, apiKey, model, embeddingModel }) => {
      const client = new OpenAI({ baseURL: `${urls[0]}/v1`, apiKey, maxRetries: 0 })
      for (const content of contents) {
        references.set(content, await askAlone(client, model, content))
        for (const input of Array.from({ length: 5 }, (_, index) => `${content} ${index}`)) {
          const { data } = await client.embeddings.create({ model: embeddingModel, input })
          vectors.set(input, data[0]?.embedding ?? [])
        }
      }
    },
    draw: (random) => {
      const content = random.pick(contents)
      const stop = () => {
        const { text } = referenceOf(content)
        const at = random.integer(Math.floor(text.length / 3), text.length - 6)
        return text.slice(at, at + 6)
      }
      return drawRequest({ random, content, maxTokens, stop })
    },
    promptTokens: ({ content }) => referenceOf(content).promptTokens,
    expected: (request) => withStops(referenceOf(request.content), request.stop),
    vector: (input) => found(vectors.get(input), input),
  }
}

async function askAlone(client: OpenAI, model: string, content: string): Promise<Reference> {
  const request: ChatRequest = {
    ...{ kind: 'chat', form: 'unkeyed', name: '', content, choices: 1, stop: [], maxTokens },
  }
  const { choices, usage } = await client.chat.completions.create(chatBody(request, model))
  const [choice] = choices
  const text = found(choice?.message.content, content)
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = found(usage, content)
  return { text, finishReason: found(choice?.finish_reason, content), promptTokens, completionTokens }
}

/** How many tokens there were until a stop string cannot be known from the text. */
function withStops(reference: Reference, stop: readonly string[]): ExpectedChoice {
  const cuts = stop.map((each) => reference.text.indexOf(each)).filter((at) => at !== -1)
  if (cuts.length === 0) return reference
  return { text: reference.text.slice(0, Math.min(...cuts)), finishReason: 'stop', completionTokens: Number.NaN }
}

function found<T>(value: T | null | undefined, content: string): T {
  if (value === null || value === undefined) throw new Error(`the model gave no answer to: ${content}`)
  return value
}
