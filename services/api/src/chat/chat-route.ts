import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { ChatCompletion, ChatCompletionRequest } from '@millrace/contracts/openai'
import { authenticate } from '../auth/authenticate.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { headerOf } from '../generations/generation-record.ts'
import { idempotencyKey } from '../generations/idempotency-key.ts'
import { openGeneration } from '../generations/open-generation.ts'
import { startGeneration } from '../generations/start-generation.ts'
import { parseBody } from '../http/parse-body.ts'
import { bearer, errorResponse } from '../operations/openapi-parts.ts'
import { recordRequest } from '../telemetry/record-request.ts'
import { planChat } from './chat-plan.ts'
import { foldChunks } from './fold-chunks.ts'
import { readingChunks } from './reading-chunks.ts'
import { streamChat } from './stream-chat.ts'

const headers = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().openapi({
    description: 'Repeating the request with the same key attaches to its generation instead of starting another one.',
  }),
  'Last-Event-ID': z.string().optional().openapi({
    description: 'With an Idempotency-Key: the last event of the stream that the client has.',
  }),
})

const route = createRoute({
  method: 'post',
  path: '/v1/chat/completions',
  summary: 'Continues a chat, in one answer or as a stream of events.',
  security: bearer,
  request: {
    headers,
    body: { required: true, content: { 'application/json': { schema: ChatCompletionRequest } } },
  },
  responses: {
    200: {
      description: 'The completion; with `stream: true` a stream of `chat.completion.chunk` objects.',
      content: { 'application/json': { schema: ChatCompletion }, 'text/event-stream': { schema: { type: 'string' } } },
    },
    default: errorResponse,
  },
})

export function chatRoute(deps: ApiDependencies): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, authenticate(deps.keys), recordRequest(deps, 'generation'), async (c) => {
    const body = await parseBody(c.req.raw, ChatCompletionRequest, deps.bodyLimits)
    const includeUsage = body.stream_options?.include_usage ?? false
    const plan = { ...planChat(body, deps), model: body.model, includeUsage }
    const key = idempotencyKey(c.req.header('idempotency-key'), { tenant: c.var.tenant, body })
    const lastEventId = body.stream ? c.req.header('last-event-id') : undefined
    const reading =
      key === undefined
        ? await startGeneration(deps, c, plan)
        : await openGeneration(deps, c, { plan, key, lastEventId })
    if (body.stream) return await streamChat(deps, c, reading)
    const { record } = reading
    const answer = { chunks: readingChunks(reading), header: headerOf(record), choices: record.choices }
    return c.json(await foldChunks(answer))
  })
  return app
}
