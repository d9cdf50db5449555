import { Failure } from '@millrace/contracts/failures'
import type { Redis } from 'ioredis'

/** Error replies of a server that is there but cannot serve now: it is loading, full, or no longer the master. */
const passingReplies = /^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS)\b/

/** Names of what ioredis rejects with when the connection fails; its own message errors are plain ones. */
const connectionErrors = new Set(['Error', 'AbortError', 'InterruptError', 'MaxRetriesPerRequestError'])

/** Whether a failed command may succeed later on the same connection object, which reconnects unless it was ended. */
export function isOutage(error: unknown, redis: Redis): boolean {
  if (redis.status === 'end' || !(error instanceof Error)) return false
  if (error.name === 'ReplyError') return passingReplies.test(error.message)
  return connectionErrors.has(error.name)
}

/** What a client is told when its request needs Redis and Redis is away; other errors are returned as they are. */
export function asClientFailure(error: unknown, redis: Redis): unknown {
  if (!isOutage(error, redis)) return error
  const message = 'The job store cannot be reached at the moment. Please try again in a moment.'
  return new Failure('queue_unavailable', message, { retryAfterSeconds: 1, cause: error })
}
