import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Failure } from '@millrace/contracts/failures'
import { errorBody } from '@millrace/contracts/openai'
import type { Hono } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import { answerClientError } from './answer-client-error.ts'
import { newRequestId } from './new-request-id.ts'

export type HttpServerOptions = {
  app: Hono<ApiEnv>
  /** Time for a request's head, in milliseconds; also for a connection that sends nothing. */
  headerTimeoutMs: number
  /** Time for a request's body, in milliseconds. The routes hold it; this is the wall behind them. */
  bodyTimeoutMs: number
}

/** Longer than the idle time-outs of usual proxies, so that it is they who close a connection between requests. */
const idleTimeoutMs = 75_000

/** An HTTP server that no slow, broken or silent client holds for longer than the time-outs. Not listening yet. */
export function createHttpServer({ app, headerTimeoutMs, bodyTimeoutMs }: HttpServerOptions): Server {
  const server = createServer(
    {
      headersTimeout: headerTimeoutMs,
      requestTimeout: headerTimeoutMs + bodyTimeoutMs + 1000,
      connectionsCheckingInterval: Math.min(1000, headerTimeoutMs),
      keepAliveTimeout: idleTimeoutMs,
      noDelay: true,
    },
    // The application handles its own errors: what arrives here is a request that could not even be read.
    getRequestListener(app.fetch, { errorHandler: unreadableRequest }),
  )
  server.on('clientError', answerClientError)
  return server
}

function unreadableRequest(): Response {
  const failure = new Failure('invalid_request', 'The request line or the Host header is not valid.')
  const headers = { 'x-request-id': newRequestId() }
  return Response.json(errorBody(failure), { status: failure.traits.status, headers })
}
