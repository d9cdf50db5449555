import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern of the route that took a request, as a metric label; `unknown` keeps made-up paths out of the metrics. */
export function matchedRoute(c: Context): string {
  return matchedRoutes(c).findLast(({ method }) => method !== 'ALL')?.path ?? 'unknown'
}
