/** One thing that arrived on an event stream: an event, or a comment line of its own (then `data` is empty). */
export type ServerSentEvent = {
  /** The `id` field of this very event; unlike a browser's, it is not carried over from an earlier event. */
  id?: string
  /** The `event` field; unset means `message`. */
  event?: string
  /** The `data` lines, joined by `\n`. */
  data: string
  /** A line that began with `:`, without that and one space. Reported as soon as it arrives. */
  comment?: string
}

/**
 * Reads Server-Sent Events after https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
 * An event that the stream's end cuts off is dropped, as the standard says. Leaving the loop early cancels the stream,
 * which is what a client that goes away does.
 */
export async function* readSse(
  source: Response | ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ServerSentEvent, void> {
  const body = source instanceof Response ? source.body : source
  if (body === null) return
  let pending: Partial<ServerSentEvent> = {}
  for await (const line of readLines(body)) {
    if (line.startsWith(':')) {
      yield { data: '', comment: withoutLeadingSpace(line.slice(1)) }
    } else if (line !== '') {
      addField(pending, line)
    } else {
      if (pending.data !== undefined) yield { ...pending, data: pending.data }
      pending = {}
    }
  }
}

function addField(event: Partial<ServerSentEvent>, line: string): void {
  const colon = line.indexOf(':')
  const name = colon === -1 ? line : line.slice(0, colon)
  const value = colon === -1 ? '' : withoutLeadingSpace(line.slice(colon + 1))
  if (name === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`
  if (name === 'event') event.event = value
  if (name === 'id' && !value.includes('\0')) event.id = value
}

function withoutLeadingSpace(value: string): string {
  return value.startsWith(' ') ? value.slice(1) : value
}

/** Complete lines, ended by LF, CR or CRLF. A last line without an end is not one. */
async function* readLines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    rest += text
    // A CR at the very end may be half of a CRLF whose LF comes with the next chunk.
    const complete = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    const lines = complete.split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '') + rest.slice(complete.length)
    yield* lines
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1)
}
