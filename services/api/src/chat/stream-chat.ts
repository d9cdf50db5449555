import type { Context } from 'hono'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { beginStream } from '../http/begin-stream.ts'
import { sseHeaders, sseStream } from '../http/sse-stream.ts'
import { logFailure } from '../telemetry/log-failure.ts'
import type { PositionedChunk } from './chat-chunks.ts'
import { chatEvents } from './chat-events.ts'

/** How long an answer may stay without a status, so that early failures get theirs. Milliseconds. */
const firstChunkWaitMs = 1000

export type StreamChatOptions = {
  chunks: AsyncIterable<PositionedChunk>
  includeUsage: boolean
  /** The client reads no more; pending chunks must come to an end. */
  onClientGone: () => void
}

/** Answers with the chunks as they come. */
export async function streamChat(
  { metrics, keepAliveMs, logger }: ApiDependencies,
  c: Context<ApiEnv>,
  { chunks, includeUsage, onClientGone }: StreamChatOptions,
): Promise<Response> {
  const events = await beginStream(chatEvents(chunks, { includeUsage }), firstChunkWaitMs)
  metrics.openStreams.inc()
  const stream = sseStream({
    ...{ events, keepAliveMs, onClientGone },
    onFailure: (failure) => logFailure(logger, failure, c.var.requestId),
    onEnd: () => metrics.openStreams.dec(),
  })
  return c.body(stream, 200, sseHeaders)
}
