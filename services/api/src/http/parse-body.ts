import { Failure } from '@millrace/contracts/failures'
import { requestFailure } from '@millrace/contracts/openai'
import type { z } from 'zod'
import { inspectJson } from './inspect-json.ts'
import { type BodyLimits, readBody } from './read-body.ts'

/**
 * The JSON body of a request as its schema says. Routes parse with this rather than with the validators of
 * zod-openapi, which read without limits and answer in words of their own.
 */
export async function parseBody<T>(request: Request, schema: z.ZodType<T>, limits: BodyLimits): Promise<T> {
  requireJson(request.headers.get('content-type'))
  const value = parseJson(await readBody(request, limits))
  inspectJson(value)
  const { data, error } = schema.safeParse(value)
  if (error !== undefined) throw requestFailure(error)
  return data
}

function requireJson(contentType: string | null): void {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType)) return
  const given = mediaType === '' ? 'none' : `'${mediaType.slice(0, 100)}'`
  throw new Failure('unsupported_media_type', `The Content-Type must be 'application/json', but it is ${given}.`)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return JSON.parse(text)
  } catch (error) {
    // The parser's own message quotes the body, so only the position is taken from it; it is not kept as a cause.
    const position = error instanceof SyntaxError ? /position (\d+)/.exec(error.message)?.[1] : undefined
    const place = position === undefined ? '' : `, at position ${position}`
    throw new Failure('invalid_json', `The body of the request is not valid JSON in UTF-8${place}.`)
  }
}
