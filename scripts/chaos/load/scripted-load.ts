import { scriptedPromptTokens, scriptedText, scriptedVector } from '@millrace/testkit/scripted-engine'
import type { ChatRequest } from '../clients/request.ts'
import { drawRequest } from './draw-request.ts'
import type { ExpectedChoice, Load } from './load.ts'

const answerTokens = 200
const tokensPerSecond = 50
const stopLength = 8

/** The scripted engine: every answer is known to the letter, whatever runs beside it. */
export function scriptedLoad(): Load {
  return {
    env: { SCRIPTED_TOKENS: String(answerTokens), SCRIPTED_TOKENS_PER_SECOND: String(tokensPerSecond) },
    scripted: true,
    isExact: true,
    prepare: async () => undefined,
    draw: (random) => {
      const content = `Question ${random.integer(0, 1_000_000)}: what does the mill say?`
      const maxTokens = random.integer(20, answerTokens + 20)
      const stop = () => {
        // By characters: half a surrogate pair is no text.
        const characters = Array.from(textOf(content, answerTokens))
        const at = random.integer(0, characters.length - stopLength)
        return characters.slice(at, at + stopLength).join('')
      }
      return drawRequest({ random, content, maxTokens, stop })
    },
    promptTokens: ({ content }) => scriptedPromptTokens([{ role: 'user', text: content }]),
    expected: expectedChoice,
    vector: (input) => {
      const bytes = Buffer.from(scriptedVector(input), 'base64')
      return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
    },
  }
}

function expectedChoice({ content, maxTokens, stop }: ChatRequest): ExpectedChoice {
  const limit = Math.min(maxTokens, answerTokens)
  for (let tokens = 1; stop.length > 0 && tokens <= limit; tokens++) {
    const text = textOf(content, tokens)
    const cuts = stop.map((each) => text.indexOf(each)).filter((at) => at !== -1)
    if (cuts.length === 0) continue
    return { text: text.slice(0, Math.min(...cuts)), finishReason: 'stop', completionTokens: tokens }
  }
  const finishReason = limit < answerTokens ? 'length' : 'stop'
  return { text: textOf(content, limit), finishReason, completionTokens: limit }
}

function textOf(content: string, tokens: number): string {
  return scriptedText({ messages: [{ role: 'user', text: content }] }, tokens)
}
