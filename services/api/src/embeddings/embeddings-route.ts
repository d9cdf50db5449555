import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { EmbeddingJob } from '@millrace/contracts/jobs'
import { type EmbeddingInput, EmbeddingList, EmbeddingRequest } from '@millrace/contracts/openai'
import { nanoid } from 'nanoid'
import { authenticate } from '../auth/authenticate.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { parseBody } from '../http/parse-body.ts'
import { admitRequest, type JobEnvelope } from '../jobs/admit-request.ts'
import { serveRequest } from '../jobs/serve-request.ts'
import { bearer, errorResponse } from '../operations/openapi-parts.ts'
import { estimatedTokens } from '../quota/estimated-tokens.ts'
import { recordRequest } from '../telemetry/record-request.ts'
import { collectVectors } from './collect-vectors.ts'
import { embeddingVector } from './embedding-vector.ts'
import { type InputSlice, splitInputs } from './split-inputs.ts'

/** Small enough to spread a large request, large enough that the queue's share of the work stays small. */
const sliceLimits = { inputs: 32, chars: 64 * 1024 }

const route = createRoute({
  method: 'post',
  path: '/v1/embeddings',
  summary: 'Turns texts into L2-normalised vectors.',
  security: bearer,
  request: { body: { required: true, content: { 'application/json': { schema: EmbeddingRequest } } } },
  responses: {
    200: {
      description: 'One vector per input, in order.',
      content: { 'application/json': { schema: EmbeddingList } },
    },
    default: errorResponse,
  },
})

export function embeddingsRoute(deps: ApiDependencies): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, authenticate(deps.keys), recordRequest(deps, 'embedding'), async (c) => {
    const request = await parseBody(c.req.raw, EmbeddingRequest, deps.bodyLimits)
    const slices = splitInputs(request.input, sliceLimits)
    const id = `embd-${nanoid()}`
    const { model, admission, jobs } = await admitRequest(deps, c, {
      ...{ id, model: request.model, kind: 'embedding', tokens: totalTokens(request.input), serviceClass: 'default' },
      shareable: true,
      createJobs: (envelope) =>
        slices.map(({ inputs }, index) => ({
          job: toJob({ id, envelope, inputs, index }),
          costTokens: totalTokens(inputs),
        })),
    })
    const { frames } = serveRequest(deps, c, { jobs, admission })
    const { vectors, promptTokens } = await collectVectors(frames, slices)
    const format = request.encoding_format ?? 'float'
    return c.json({
      object: 'list',
      model: model.id,
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: embeddingVector(vector, format),
      })),
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    } satisfies EmbeddingList)
  })
  return app
}

type JobParts = { id: string; envelope: JobEnvelope; inputs: InputSlice['inputs']; index: number }

function toJob({ id, envelope, inputs, index }: JobParts): EmbeddingJob {
  return { ...envelope, kind: 'embedding', id: index === 0 ? id : `${id}-${index}`, inputs }
}

function totalTokens(inputs: readonly EmbeddingInput[]): number {
  return inputs.reduce((sum, input) => sum + estimatedTokens(input), 0)
}
