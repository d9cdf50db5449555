import { APIError } from 'openai'

/**
 * Why there is no whole answer. `lost`: the connection broke, or the API said that it shuts down. `refused`: nothing
 * was accepted, try again. `failed`: the request was accepted and given up, which must not happen.
 */
export type BrokenAnswer = { kind: 'lost' | 'refused' | 'failed'; why: string }

/** @param hasBegun whether any of the answer had come. */
export function brokenAnswer(error: unknown, hasBegun: boolean): BrokenAnswer {
  if (!(error instanceof APIError)) return { kind: 'lost', why: String(error) }
  return judge({ status: error.status, code: error.code ?? undefined }, hasBegun)
}

/** `status` is unset for an error inside a stream, and `code` for one of the connection. */
export function judge(
  { status, code }: { status: number | undefined; code: string | undefined },
  hasBegun: boolean,
): BrokenAnswer {
  const why = [status, code].filter(Boolean).join(' ') || 'the connection broke'
  if (status === 503) return { kind: 'refused', why }
  if (status !== undefined) return { kind: 'failed', why }
  if (code === undefined || code === 'overloaded' || code === 'shutting_down') return { kind: 'lost', why }
  const isRefusal = code === 'queue_unavailable' || code === 'model_unavailable'
  return { kind: isRefusal && !hasBegun ? 'refused' : 'failed', why }
}
