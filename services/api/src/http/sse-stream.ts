import { setTimeout as sleep } from 'node:timers/promises'
import { type Failure, toFailure } from '@millrace/contracts/failures'
import { errorBody } from '@millrace/contracts/openai'
import { sseComment, sseDone, sseEvent, sseKeepAlive, sseRetry } from './sse-event.ts'

export type SseSource = {
  /** What to send, already as JSON. Pulled one by one, as fast as the client reads. */
  events: AsyncIterator<{ id?: string | undefined; data: string }>
  /** A silence this long gets a comment, so that proxies do not close the connection. Milliseconds. */
  keepAliveMs: number
  /** Says what the stream waits for, until its first event; asked every `everyMs`, also once at the beginning. */
  waiting?: { everyMs: number; describe: () => Promise<string | undefined> }
  /** Called when the client is gone; must make a pending `events.next()` settle. */
  onClientGone: () => void
  /**
   * The client may take the stream up elsewhere: when this process shuts down, it gets a hint when to come back, and the
   * connection breaks. A clean end would be taken for the end of the answer by clients that know nothing of resuming.
   */
  resumable?: boolean
  /** Told about an error before it is sent. */
  onFailure: (failure: Failure) => void
  /** Called once, after the last event or when the client is gone. */
  onEnd: () => void
}

/** Bytes that were given to the connection need so long to leave it; breaking it earlier would take them along. */
const flushMs = 50

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>

export const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // nginx would hold events back to fill its buffer.
  'x-accel-buffering': 'no',
}

/**
 * Server-Sent Events as OpenAI sends them. An error of the source becomes an error object, and `[DONE]` follows in
 * any case. Own code, since Hono's `streamSSE` sends raw error messages and swallows failed writes.
 */
export function sseStream(source: SseSource): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { events, keepAliveMs, onClientGone, onFailure, onEnd } = source
  let keepAlive: NodeJS.Timeout | undefined
  let notices: { stop: () => void } | undefined
  let clientGone = false
  let handedOver: Failure | undefined
  const end = () => {
    clearInterval(keepAlive)
    notices?.stop()
    onEnd()
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      keepAlive = setInterval(() => sendComment(controller, sseKeepAlive), keepAliveMs)
      if (source.waiting) notices = sendNotices(controller, source.waiting)
    },
    async pull(controller) {
      if (handedOver !== undefined) {
        await sleep(flushMs)
        if (clientGone) return
        end()
        return controller.error(handedOver)
      }
      const step = await nextStep(events)
      keepAlive?.refresh()
      notices?.stop()
      const failure = 'failure' in step ? step.failure : undefined
      if (source.resumable && failure?.code === 'shutting_down') handedOver = failure
      else if (failure !== undefined) onFailure(failure)
      // A cancelled stream takes nothing more.
      if (clientGone) return
      if ('event' in step) return controller.enqueue(sseEvent(step.event))
      // An error throws away what has not been read: it comes with the next pull.
      if (handedOver !== undefined) return controller.enqueue(sseRetry)
      end()
      finish(controller, failure)
    },
    async cancel() {
      clientGone = true
      end()
      onClientGone()
      await events.return?.()
    },
  })
}

type Step = { event: { id?: string | undefined; data: string } } | { failure: Failure } | { done: true }

async function nextStep(events: SseSource['events']): Promise<Step> {
  try {
    const { value, done } = await events.next()
    return done ? { done: true } : { event: value }
  } catch (error) {
    return { failure: toFailure(error) }
  }
}

function finish(controller: Controller, failure: Failure | undefined): void {
  if (failure !== undefined) controller.enqueue(sseEvent({ data: JSON.stringify(errorBody(failure)) }))
  controller.enqueue(sseDone)
  controller.close()
}

/** Only into an empty buffer: a client that does not read must not collect comments either. */
function sendComment(controller: Controller, comment: Uint8Array<ArrayBuffer>): void {
  if ((controller.desiredSize ?? 0) > 0) controller.enqueue(comment)
}

function sendNotices(controller: Controller, { everyMs, describe }: NonNullable<SseSource['waiting']>) {
  let isStopped = false
  const send = async () => {
    // A wait that cannot be told now may be told the next time.
    const text = await describe().catch(() => undefined)
    if (!isStopped && text !== undefined) sendComment(controller, sseComment(text))
  }
  const timer = setInterval(() => void send(), everyMs)
  const stop = () => {
    isStopped = true
    clearInterval(timer)
  }
  void send()
  return { stop }
}
