import { Failure } from '@millrace/contracts/failures'

export type BodyLimits = {
  /** Largest body in bytes. */
  limitBytes: number
  /** Time from now until its last byte, in milliseconds. */
  timeoutMs: number
}

/**
 * The whole body of a request. Throws a Failure: `payload_too_large` as soon as the limit is passed (from the
 * announced length, or while reading), `request_timeout` when it comes too slowly, `cancelled` when the client left.
 */
export async function readBody(request: Request, { limitBytes, timeoutMs }: BodyLimits): Promise<Uint8Array> {
  const announcedBytes = Number(request.headers.get('content-length') ?? Number.NaN)
  if (announcedBytes > limitBytes) throw tooLarge(limitBytes)
  // With an announced length the HTTP parser holds the client to it, and the server's own buffering is the fastest.
  const isBounded = announcedBytes >= 0 && !request.headers.has('transfer-encoding')
  const body = isBounded ? request.arrayBuffer().then((buffer) => new Uint8Array(buffer)) : collect(request, limitBytes)
  return await withinTime(body, timeoutMs).catch((error: unknown) => {
    if (error instanceof Failure) throw error
    throw new Failure('cancelled', 'The client closed the connection before its request was complete.')
  })
}

async function collect(request: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const seconds = timeoutMs / 1000
  const failure = new Failure('request_timeout', `The request body did not arrive within ${seconds} seconds.`)
  const timer = setTimeout(() => reject(failure), timeoutMs)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function tooLarge(limitBytes: number): Failure {
  return new Failure('payload_too_large', `The request body is larger than the limit of ${limitBytes} bytes.`)
}
