/** How a client asks, and what it does when its connection breaks. */
export type ChatForm =
  /** Reads events with their ids, and continues after the last one it has, on another API. */
  | 'resuming'
  /** The official client with an `Idempotency-Key`: repeats the request and reads the stream from its beginning. */
  | 'official'
  /** The official client, one whole answer, with an `Idempotency-Key`. */
  | 'blocking'
  /** The official client without a key: it has lost its answer when its API goes. */
  | 'unkeyed'

export type ChatRequest = {
  kind: 'chat'
  form: ChatForm
  /** Its `Idempotency-Key`, and how reports name it. */
  name: string
  content: string
  choices: number
  stop: readonly string[]
  maxTokens: number
}

export type EmbeddingRequest = { kind: 'embeddings'; name: string; inputs: readonly string[] }

export type ChaosRequest = ChatRequest | EmbeddingRequest

/** A kind of client, for the report. */
export function labelOf(request: ChaosRequest): string {
  if (request.kind === 'embeddings') return 'embeddings'
  const labels = {
    resuming: 'resuming stream',
    official: 'stream',
    blocking: 'blocking',
    unkeyed: 'stream without key',
  }
  const extras = [request.choices > 1 ? 'n > 1' : '', request.stop.length > 0 ? 'stop strings' : '']
  return [labels[request.form], ...extras.filter((extra) => extra !== '')].join(', ')
}
