const encoder = new TextEncoder()

/** An event of https://html.spec.whatwg.org/multipage/server-sent-events.html whose data is one line. */
export function sseEvent(event: { id?: string | undefined; data: string }): Uint8Array<ArrayBuffer> {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`
  return encoder.encode(`${id}data: ${event.data}\n\n`)
}

/** One line that every client ignores; it shows that the stream is alive, and may say why nothing comes. */
export function sseComment(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`: ${text}\n\n`)
}

export const sseKeepAlive = sseComment('keep-alive')

/** The answer goes on elsewhere: come back in half a second, with `Last-Event-ID`. */
export const sseComeBack = encoder.encode('retry: 500\n\n')

/** How streams of OpenAI's API end, after success and after an error. */
export const sseDone = sseEvent({ data: '[DONE]' })
