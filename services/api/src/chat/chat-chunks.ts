import type { Frame, TokenUsage } from '@millrace/contracts/jobs'
import type { ChatCompletionChunk, CompletionUsage, FinishReason } from '@millrace/contracts/openai'
import type { JobFrame } from '../jobs/read-jobs.ts'

/** What all chunks of one answer have in common. */
export type ChatHeader = Pick<ChatCompletionChunk, 'id' | 'created' | 'model' | 'system_fingerprint' | 'service_tier'>

export type PositionedChunk = {
  chunk: ChatCompletionChunk
  /** Where in the delta logs the chunk comes from; the usage comes from no frame. */
  position?: string
}

export type ChatChunksOptions = {
  frames: AsyncIterable<JobFrame>
  header: ChatHeader
  choices: number
  /** For each choice the seq up to which a client has its chunks; unset for a client that has none. */
  after?: readonly number[] | undefined
}

/**
 * The frames of a request's generations as chunks, one for each frame that has something to show, and one with the
 * usage at the end. A position is `<id>:<seq>`; with several choices `<id>:<seq of the first>.<seq of the second>…`.
 * Frames that the client has already only add to the usage.
 */
export async function* chatChunks(options: ChatChunksOptions): AsyncGenerator<PositionedChunk> {
  const { frames, header, choices, after = [] } = options
  const positions = Array.from({ length: choices }, (_, index) => after[index] ?? 0)
  const started = new Set([...positions.keys()].filter((index) => positions[index] !== 0))
  const usages = new Map<number, TokenUsage>()
  const object = 'chat.completion.chunk'
  for await (const { index, frame } of frames) {
    const { shows, text, finishReason, usage } = contentOf(frame)
    if (usage !== undefined) usages.set(index, usage)
    if (frame.seq <= (after[index] ?? 0)) continue
    positions[index] = frame.seq
    const isFirst = shows && !started.has(index)
    if (!isFirst && text === '' && finishReason === null) continue
    started.add(index)
    const delta = { ...(isFirst ? { role: 'assistant' as const } : {}), ...(isFirst || text ? { content: text } : {}) }
    const choice = { index, delta, logprobs: null, finish_reason: finishReason }
    yield { position: `${header.id}:${positions.join('.')}`, chunk: { ...header, object, choices: [choice] } }
  }
  yield { chunk: { ...header, object, choices: [], usage: completionUsage([...usages.values()]) } }
}

type FrameContent = {
  /** False for a frame that only ends the job without success: nothing must be sent for it before its error. */
  shows: boolean
  text: string
  finishReason: FinishReason | null
  usage: TokenUsage | undefined
}

function contentOf(frame: Frame): FrameContent {
  const content: FrameContent = { shows: false, text: '', finishReason: null, usage: undefined }
  for (const event of frame.events) {
    content.shows ||= event.type !== 'job-failed' && event.type !== 'job-cancelled'
    if (event.type === 'text-delta') content.text += event.text
    if (event.type !== 'job-finished') continue
    content.finishReason = event.reason
    content.usage = event.usage
  }
  return content
}

/** The choices share one prompt, so it counts once, as with OpenAI. */
function completionUsage(usages: readonly TokenUsage[]): CompletionUsage {
  const promptTokens = usages[0]?.promptTokens ?? 0
  const completionTokens = usages.reduce((sum, usage) => sum + usage.completionTokens, 0)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: usages[0]?.cachedTokens ?? 0 },
  }
}
