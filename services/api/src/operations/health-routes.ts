import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { unreadyReasons } from './unready-reasons.ts'

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process lives.',
  responses: {
    200: {
      description: 'It does.',
      content: { 'application/json': { schema: z.object({ status: z.literal('up') }) } },
    },
  },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether requests can be served: Redis is reachable and a worker serves the default model.',
  responses: {
    200: {
      description: 'Ready.',
      content: { 'application/json': { schema: z.object({ status: z.literal('ready') }) } },
    },
    503: {
      description: 'Not ready, and why.',
      content: {
        'application/json': { schema: z.object({ status: z.literal('unready'), reasons: z.array(z.string()) }) },
      },
    },
  },
})

export function healthRoutes(deps: ApiDependencies): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(healthRoute, (c) => c.json({ status: 'up' as const }, 200))
  app.openapi(readyRoute, async (c) => {
    const reasons = await unreadyReasons(deps)
    if (reasons.length === 0) return c.json({ status: 'ready' as const }, 200)
    return c.json({ status: 'unready' as const, reasons }, 503)
  })
  return app
}
