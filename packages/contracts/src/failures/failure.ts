import { type FailureCode, type FailureTraits, failureTable } from './failure-table.ts'

export type FailureOptions = {
  /** The request parameter at fault, as a path: `messages[2].content`. */
  param?: string
  /** When to come back, in seconds; sent as `Retry-After`. */
  retryAfterSeconds?: number
  /** What really happened. Logged, never sent. */
  cause?: unknown
}

/** The only error that reaches a client. `message` is public: what was wrong and what was expected. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly param: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.param = options.param
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get traits(): FailureTraits {
    return failureTable[this.code]
  }
}

/** Any thrown value as a Failure; what is not one becomes `internal_error`, with the value kept as its cause. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  return new Failure('internal_error', 'The server had an error while processing your request.', { cause: thrown })
}
