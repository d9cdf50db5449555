import type { Failure } from '@millrace/contracts/failures'
import { errorBody } from '@millrace/contracts/openai'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A failure as an HTTP answer: OpenAI's error body and status, and the headers that OpenAI's clients obey. */
export function failureResponse(c: Context, failure: Failure): Response {
  const { status, retryable } = failure.traits
  c.header('x-should-retry', String(retryable))
  if (failure.retryAfterSeconds !== undefined) c.header('retry-after', String(failure.retryAfterSeconds))
  if (status === 401) c.header('www-authenticate', 'Bearer')
  // The rest of a body that was not read to its end would be taken for the next request.
  if (status === 408 || status === 413) c.header('connection', 'close')
  // Hono's type leaves out 499, which is no standard status and is only written to a client that is gone.
  return c.json(errorBody(failure), status as ContentfulStatusCode)
}
