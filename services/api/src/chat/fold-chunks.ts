import type { ChatCompletion, CompletionUsage, FinishReason } from '@millrace/contracts/openai'
import type { ChatHeader, PositionedChunk } from './chat-chunks.ts'

export type FoldChunksOptions = { chunks: AsyncIterable<PositionedChunk>; header: ChatHeader; choices: number }

const noUsage: CompletionUsage = {
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  prompt_tokens_details: { cached_tokens: 0 },
}

/** The whole answer: what a client would have put together from the stream. */
export async function foldChunks({ chunks, header, choices }: FoldChunksOptions): Promise<ChatCompletion> {
  const texts = Array.from({ length: choices }, () => '')
  const reasons = new Map<number, FinishReason>()
  let usage = noUsage
  for await (const { chunk } of chunks) {
    usage = chunk.usage ?? usage
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      texts[index] += delta.content ?? ''
      if (reason !== null) reasons.set(index, reason)
    }
  }
  return {
    ...header,
    object: 'chat.completion',
    choices: texts.map((content, index) => ({
      index,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: reasons.get(index) ?? 'stop',
    })),
    usage,
  }
}
