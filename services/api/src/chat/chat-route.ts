import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { ChatCompletion, ChatCompletionRequest } from '@millrace/contracts/openai'
import { nanoid } from 'nanoid'
import { authenticate } from '../auth/authenticate.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { parseBody } from '../http/parse-body.ts'
import { serveRequest } from '../jobs/serve-request.ts'
import { systemFingerprint } from '../models/system-fingerprint.ts'
import { bearer, errorResponse } from '../operations/openapi-parts.ts'
import { recordRequest } from '../telemetry/record-request.ts'
import { chatChunks } from './chat-chunks.ts'
import { planChat } from './chat-plan.ts'
import { foldChunks } from './fold-chunks.ts'
import { streamChat } from './stream-chat.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/chat/completions',
  summary: 'Continues a chat, in one answer or as a stream of events.',
  security: bearer,
  request: { body: { required: true, content: { 'application/json': { schema: ChatCompletionRequest } } } },
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
    const request = await parseBody(c.req.raw, ChatCompletionRequest, deps.bodyLimits)
    const { choices, tokens, createJobs } = planChat(request, deps)
    const id = `chatcmpl-${nanoid()}`
    const { model, frames, abort } = await serveRequest(deps, c, {
      ...{ id, model: request.model, kind: 'generation', tokens },
      createJobs: (envelope) => createJobs(id, envelope),
    })
    const created = Math.floor(Date.now() / 1000)
    const header = { id, created, model: model.id, system_fingerprint: systemFingerprint(model) }
    const chunks = chatChunks({ frames, header, choices })
    const includeUsage = request.stream_options?.include_usage ?? false
    if (request.stream) return await streamChat(deps, c, { chunks, includeUsage, abort })
    return c.json(await foldChunks({ chunks, header, choices }))
  })
  return app
}
