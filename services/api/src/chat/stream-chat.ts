import type { Context } from 'hono'
import { describeWait } from '../admission/wait-estimate.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { beginStream } from '../http/begin-stream.ts'
import { sseHeaders, sseStream } from '../http/sse-stream.ts'
import type { JobAddress } from '../jobs/job-dispatcher.ts'
import { logFailure } from '../telemetry/log-failure.ts'
import type { PositionedChunk } from './chat-chunks.ts'
import { chatEvents } from './chat-events.ts'

/** How long an answer may stay without a status, so that early failures get theirs. Milliseconds. */
const firstChunkWaitMs = 1000

/** How often a waiting client is told its position. Milliseconds. */
const noticeIntervalMs = 2000

export type StreamChatOptions = {
  chunks: AsyncIterable<PositionedChunk>
  includeUsage: boolean
  /** The job of the first choice: where it waits is told until it starts. */
  job: JobAddress
  /** The client may go on with it on another process. */
  resumable: boolean
  /** The client reads no more; pending chunks must come to an end. */
  onClientGone: () => void
}

/** Answers with the chunks as they come. */
export async function streamChat(
  { metrics, keepAliveMs, logger, admission }: ApiDependencies,
  c: Context<ApiEnv>,
  { chunks, includeUsage, job, resumable, onClientGone }: StreamChatOptions,
): Promise<Response> {
  const events = await beginStream(chatEvents(chunks, { includeUsage }), firstChunkWaitMs)
  const describe = async () => {
    const wait = await admission.wait(job)
    return wait && describeWait(wait)
  }
  metrics.openStreams.inc()
  const stream = sseStream({
    ...{ events, keepAliveMs, resumable, onClientGone, waiting: { everyMs: noticeIntervalMs, describe } },
    onFailure: (failure) => logFailure(logger, failure, c.var.requestId),
    onEnd: () => metrics.openStreams.dec(),
  })
  return c.body(stream, 200, sseHeaders)
}
