import { toFailure } from '@millrace/contracts/failures'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseBody } from './parse-body.ts'

const schema = z.strictObject({ text: z.string() })
const limits = { limitBytes: 1000, timeoutMs: 10_000 }

function request(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Record<string, string> = {},
): Request {
  const all = { 'content-type': 'application/json', ...headers }
  return new Request('http://test/', { method: 'POST', headers: all, body, duplex: 'half' })
}

async function codeOf(work: Promise<unknown>) {
  try {
    await work
  } catch (error) {
    return toFailure(error).code
  }
  return undefined
}

/** A body that comes in pieces and has no announced length. */
function stream(pieces: Iterable<string>, { ends = true } = {}): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]()
  return new ReadableStream({
    pull(controller) {
      const { value, done } = iterator.next()
      if (!done) controller.enqueue(new TextEncoder().encode(value))
      else if (ends) controller.close()
    },
  })
}

test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/problem+json'])(
  'a body of type %s is read',
  async (type) => {
    expect(await parseBody(request('{"text":"ü"}', { 'content-type': type }), schema, limits)).toEqual({ text: 'ü' })
  },
)

test('a body in pieces is put together', async () => {
  expect(await parseBody(request(stream(['{"te', 'xt":"', 'a"}'])), schema, limits)).toEqual({ text: 'a' })
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
  'a body of type %j is refused before it is read',
  async (type) => {
    expect(await codeOf(parseBody(request('{"text":"a"}', { 'content-type': type }), schema, limits))).toBe(
      'unsupported_media_type',
    )
  },
)

test.each(['', '{', '{"text":"a"} x', "{'text':1}", 'NaN', '{"text":NaN}', '\u0000'])(
  'a body that is no JSON is refused: %j',
  async (body) => {
    expect(await codeOf(parseBody(request(body), schema, limits))).toBe('invalid_json')
  },
)

test('a body that is no UTF-8 is refused', async () => {
  const bytes = new Uint8Array([...Buffer.from('{"text":"'), 0xff, ...Buffer.from('"}')])
  expect(await codeOf(parseBody(request(bytes), schema, limits))).toBe('invalid_json')
})

test('what is wrong with JSON is said without quoting it', async () => {
  const error = await parseBody(request('{"text": secret}'), schema, limits).catch(toFailure)
  expect(error).toMatchObject({ code: 'invalid_json', cause: undefined })
  expect(JSON.stringify(error)).not.toContain('secret')
})

test('an announced length over the limit is refused without reading', async () => {
  const body = request(stream([]), { 'content-length': '1001' })
  expect(await codeOf(parseBody(body, schema, limits))).toBe('payload_too_large')
  expect(body.bodyUsed).toBe(false)
})

test('an endless body is refused as soon as it passes the limit', async () => {
  let piecesRead = 0
  const endless = (function* () {
    for (;;) {
      piecesRead++
      yield 'x'.repeat(100)
    }
  })()
  expect(await codeOf(parseBody(request(stream(endless)), schema, limits))).toBe('payload_too_large')
  expect(piecesRead).toBeLessThan(20)
})

test('a body that does not end is given up after the time-out', async () => {
  const body = request(stream(['{'], { ends: false }))
  expect(await codeOf(parseBody(body, schema, { limitBytes: 1000, timeoutMs: 50 }))).toBe('request_timeout')
})
