import type { Context } from 'hono'
import { describeWait } from '../admission/wait-estimate.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { firstJobOf } from '../generations/generation-record.ts'
import type { Reading } from '../generations/reading.ts'
import { beginStream } from '../http/begin-stream.ts'
import { sseHeaders, sseStream } from '../http/sse-stream.ts'
import { logFailure } from '../telemetry/log-failure.ts'
import { chatEvents } from './chat-events.ts'
import { readingChunks } from './reading-chunks.ts'

/** How long an answer may stay without a status, so that early failures get theirs. Milliseconds. */
const firstChunkWaitMs = 1000

/** How often a waiting client is told its position. Milliseconds. */
const noticeIntervalMs = 2000

/** Answers with what a reading has for its client, as it comes. */
export async function streamChat(
  { metrics, keepAliveMs, logger, admission }: ApiDependencies,
  c: Context<ApiEnv>,
  reading: Reading,
): Promise<Response> {
  const { record, onClientGone } = reading
  const { items: events, isWaiting } = await beginStream(chatEvents(readingChunks(reading), record), firstChunkWaitMs)
  const describe = async () => {
    // That of the first choice: it is the first to start.
    const wait = await admission.wait(firstJobOf(record))
    return wait && describeWait(wait)
  }
  metrics.openStreams.inc()
  const stream = sseStream({
    ...{ events, keepAliveMs, onClientGone, resumable: record.resumable },
    ...(isWaiting ? { waiting: { everyMs: noticeIntervalMs, describe } } : {}),
    onFailure: (failure) => logFailure(logger, failure, c.var.requestId),
    onEnd: () => metrics.openStreams.dec(),
  })
  return c.body(stream, 200, sseHeaders)
}
