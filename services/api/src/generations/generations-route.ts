import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { LogMissingError } from '@millrace/delta-log'
import { authenticate } from '../auth/authenticate.ts'
import { streamChat } from '../chat/stream-chat.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { bearer, errorResponse } from '../operations/openapi-parts.ts'
import { recordRequest } from '../telemetry/record-request.ts'
import { admitReading } from './admit-reading.ts'
import { attachGeneration } from './attach-generation.ts'
import { cancelGeneration } from './cancel-generation.ts'
import { generationNotFound } from './generation-not-found.ts'
import { GenerationObject, toGenerationObject } from './generation-object.ts'
import type { GenerationRecord } from './generation-record.ts'
import { readState } from './generation-state.ts'

const path = '/v1/generations/{id}'
const params = z.object({ id: z.string().openapi({ description: 'The id of a chat completion.' }) })

const getRoute = createRoute({
  ...{ method: 'get', path, security: bearer, request: { params } },
  summary: 'How far the answer to a chat has come; known until some time after its end.',
  responses: {
    200: { description: 'Its state.', content: { 'application/json': { schema: GenerationObject } } },
    default: errorResponse,
  },
})

const deleteRoute = createRoute({
  ...{ method: 'delete', path, security: bearer, request: { params } },
  summary: 'Cancels a generation. One that has ended stays as it is.',
  responses: { 204: { description: 'It is cancelled, or had ended.' }, default: errorResponse },
})

const streamRoute = createRoute({
  ...{ method: 'get', path: `${path}/stream`, security: bearer },
  request: {
    params,
    headers: z.object({
      'Last-Event-ID': z.string().optional().openapi({ description: 'The last event that the client has.' }),
    }),
  },
  summary: 'The events of a chat completion after the last one that the client has, from the first one without.',
  responses: {
    200: {
      description: 'A stream of `chat.completion.chunk` objects.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    default: errorResponse,
  },
})

export function generationsRoute(deps: ApiDependencies): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  for (const route of [getRoute, deleteRoute, streamRoute]) app.openAPIRegistry.registerPath(route)
  const url = '/v1/generations/:id'
  app.get(url, authenticate(deps.keys), async (c) => {
    await admitReading(deps, c)
    const record = await findOwn(deps, c.req.param('id'), c.var.tenant)
    const state = await orNotFound(readState(deps.dispatcher, record))
    return c.json(toGenerationObject(record, state))
  })
  app.delete(url, authenticate(deps.keys), async (c) => {
    const record = await findOwn(deps, c.req.param('id'), c.var.tenant)
    await orNotFound(cancelGeneration(deps.dispatcher, record))
    return c.body(null, 204)
  })
  app.get(`${url}/stream`, authenticate(deps.keys), recordRequest(deps, 'generation'), async (c) => {
    const record = await findOwn(deps, c.req.param('id'), c.var.tenant)
    const lastEventId = c.req.header('last-event-id')
    return await streamChat(deps, c, await attachGeneration(deps, c, { record, lastEventId }))
  })
  return app
}

/** Throws `generation_not_found`, also for what belongs to somebody else. */
async function findOwn({ generations }: ApiDependencies, id: string, tenant: string): Promise<GenerationRecord> {
  const record = /^[\w-]{1,100}$/.test(id) ? await generations.find(id) : undefined
  if (record?.tenant !== tenant) throw generationNotFound()
  return record
}

async function orNotFound<T>(step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    throw error instanceof LogMissingError ? generationNotFound() : error
  }
}
