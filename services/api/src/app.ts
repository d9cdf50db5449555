import { OpenAPIHono } from '@hono/zod-openapi'
import { toFailure } from '@millrace/contracts/failures'
import { requestId } from 'hono/request-id'
import { chatRoute } from './chat/chat-route.ts'
import type { ApiDependencies, ApiEnv } from './dependencies.ts'
import { embeddingsRoute } from './embeddings/embeddings-route.ts'
import { generationsRoute } from './generations/generations-route.ts'
import { failureResponse } from './http/failure-response.ts'
import { newRequestId } from './http/new-request-id.ts'
import { unknownUrl } from './http/unknown-url.ts'
import { modelsRoute } from './models/models-route.ts'
import { healthRoutes } from './operations/health-routes.ts'
import { metricsRoute } from './operations/metrics-route.ts'
import { bearerScheme } from './operations/openapi-parts.ts'
import { logFailure } from './telemetry/log-failure.ts'
import { observeRequests } from './telemetry/observe-requests.ts'

const welcome = `Millrace: an OpenAI-compatible API. Point a client at /v1 of this address.
/openapi.json describes it; /healthz, /readyz and /metrics are for operators.
`

/** The HTTP application. Starts nothing: it only answers. */
export function createApp(deps: ApiDependencies): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.use(requestId({ limitLength: 128, generator: newRequestId }))
  app.use(observeRequests(deps))
  app.get('/', (c) => c.text(welcome))
  app.route('/', healthRoutes(deps))
  app.route('/', metricsRoute(deps))
  app.route('/', modelsRoute(deps))
  app.route('/', chatRoute(deps))
  app.route('/', embeddingsRoute(deps))
  app.route('/', generationsRoute(deps))
  app.openAPIRegistry.registerComponent('securitySchemes', bearerScheme, { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Millrace', version: '0.1.0' } })
  app.notFound(unknownUrl(app))
  app.onError((error, c) => {
    const failure = toFailure(error)
    logFailure(deps.logger, failure, c.var.requestId)
    return failureResponse(c, failure)
  })
  return app
}
