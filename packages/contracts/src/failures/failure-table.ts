/**
 * Everything that can go wrong for a client, in one table. The code is the key everywhere: in the error body, in
 * the terminal event of a delta log, in logs and as a metric label. Status and `type` follow OpenAI's
 * error reference (https://platform.openai.com/docs/guides/error-codes).
 */
export const failureTable = {
  invalid_request: { status: 400, type: 'invalid_request_error', retryable: false },
  invalid_json: { status: 400, type: 'invalid_request_error', retryable: false },
  unsupported_parameter: { status: 400, type: 'invalid_request_error', retryable: false },
  context_length_exceeded: { status: 400, type: 'invalid_request_error', retryable: false },
  invalid_api_key: { status: 401, type: 'invalid_request_error', retryable: false },
  model_not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  /** There is none of that id, it ended too long ago, or it is another tenant's: all three look the same. */
  generation_not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  unknown_url: { status: 404, type: 'invalid_request_error', retryable: false },
  method_not_allowed: { status: 405, type: 'invalid_request_error', retryable: false },
  request_timeout: { status: 408, type: 'invalid_request_error', retryable: true },
  /** The `Idempotency-Key` was used for another request. */
  idempotency_conflict: { status: 409, type: 'invalid_request_error', retryable: false },
  payload_too_large: { status: 413, type: 'invalid_request_error', retryable: false },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retryable: false },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', retryable: true },
  insufficient_quota: { status: 429, type: 'insufficient_quota', retryable: true },
  /** The client went away, or a generation was cancelled, which who resumes it sees; 499 is nginx's convention. */
  cancelled: { status: 499, type: 'invalid_request_error', retryable: false },
  internal_error: { status: 500, type: 'server_error', retryable: true },
  engine_failure: { status: 500, type: 'server_error', retryable: true },
  /** The job's worker process died more often than is allowed; the prompt itself is suspected. */
  worker_crashed: { status: 500, type: 'server_error', retryable: false },
  model_unavailable: { status: 503, type: 'server_error', retryable: true },
  queue_unavailable: { status: 503, type: 'server_error', retryable: true },
  /** This process ends; another one, or the next, serves the same request. */
  shutting_down: { status: 503, type: 'server_error', retryable: true },
  overloaded: { status: 503, type: 'server_error', retryable: true },
  deadline_exceeded: { status: 504, type: 'server_error', retryable: true },
} as const satisfies Record<string, FailureTraits>

/** How a failure looks from outside. */
export type FailureTraits = {
  /** HTTP status, when the failure is known before the response head is sent. */
  status: number
  /** OpenAI's `error.type`. */
  type: string
  /** Whether repeating the same request later can succeed; sets `x-should-retry`, which OpenAI's clients obey. */
  retryable: boolean
}

export type FailureCode = keyof typeof failureTable

/** All codes, for schemas that carry one over a process boundary. */
export const failureCodes = Object.keys(failureTable) as [FailureCode, ...FailureCode[]]
