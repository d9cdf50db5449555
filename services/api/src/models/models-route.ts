import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { ModelList, ModelObject } from '@millrace/contracts/openai'
import { authenticate } from '../auth/authenticate.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { bearer, errorResponse } from '../operations/openapi-parts.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'The models that requests may name.',
  security: bearer,
  responses: {
    200: { description: 'All models.', content: { 'application/json': { schema: ModelList } } },
    default: errorResponse,
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/models/{id}',
  summary: 'One model. Its id may contain slashes and colons.',
  security: bearer,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: { description: 'The model.', content: { 'application/json': { schema: ModelObject } } },
    default: errorResponse,
  },
})

export function modelsRoute({ keys, models }: Pick<ApiDependencies, 'keys' | 'models'>): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openAPIRegistry.registerPath(listRoute)
  app.openAPIRegistry.registerPath(getRoute)
  app.get(listRoute.path, authenticate(keys), async (c) =>
    c.json({ object: 'list', data: await models.list() } satisfies ModelList),
  )
  app.get(`${listRoute.path}/:id{.+}`, authenticate(keys), async (c) => c.json(await models.get(c.req.param('id'))))
  return app
}
