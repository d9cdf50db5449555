/** What one tenant may use; an absent limit is no limit. */
export type QuotaLimits = {
  requestsPerMinute?: number | undefined
  tokensPerMinute?: number | undefined
  /** Counted from a tenant's first request on, 24 hours at a time. */
  tokensPerDay?: number | undefined
  /** Requests being worked on at the same time. */
  concurrentRequests?: number | undefined
}
