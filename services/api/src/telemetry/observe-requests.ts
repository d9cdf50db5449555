import { createMiddleware } from 'hono/factory'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { matchedRoute } from './matched-route.ts'

/** Counts every answer. How long requests for a model take, their own record knows: a stream outlives its handler. */
export const observeRequests = ({ metrics }: Pick<ApiDependencies, 'metrics'>) =>
  createMiddleware<ApiEnv>(async function observeRequests(c, next) {
    const startedAtMs = performance.now()
    await next()
    const route = matchedRoute(c)
    const durationMs = performance.now() - startedAtMs
    metrics.requests.inc({ route, status: String(c.res.status) })
    if (c.var.record === undefined) metrics.duration.observe({ route }, durationMs / 1000)
    if (!c.res.headers.get('content-type')?.startsWith('text/event-stream')) {
      c.header('openai-processing-ms', String(Math.round(durationMs)))
    }
  })
