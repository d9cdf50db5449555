import { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import type { ApiEnv } from '../dependencies.ts'

/** Everything this process measures, in Prometheus' text format. */
export function metricsRoute({ registry }: { registry: Registry }): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.get('/metrics', async (c) => c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }))
  return app
}
