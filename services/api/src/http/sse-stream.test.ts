import { Failure } from '@millrace/contracts/failures'
import { collect, eventually, readSse } from '@millrace/testkit'
import { expect, test, vi } from 'vitest'
import { readUntilBroken } from '../test-support/read-until-broken.ts'
import { type SseSource, sseStream } from './sse-stream.ts'

function source(events: AsyncIterator<{ id?: string; data: string }>, keepAliveMs = 60_000) {
  const [onClientGone, onFailure, onEnd] = [vi.fn(), vi.fn(), vi.fn()]
  return { events, keepAliveMs, onClientGone, onFailure, onEnd } satisfies SseSource
}

async function* numbers(until = Number.POSITIVE_INFINITY) {
  for (let number = 1; number <= until; number++) yield { id: `j:${number}`, data: String(number) }
}

test('events are followed by [DONE]', async () => {
  const from = source(numbers(2))
  expect(await collect(readSse(sseStream(from)))).toEqual([
    { id: 'j:1', data: '1' },
    { id: 'j:2', data: '2' },
    { data: '[DONE]' },
  ])
  expect(from.onEnd).toHaveBeenCalledOnce()
  expect(from.onClientGone).not.toHaveBeenCalled()
})

test('an error is sent as an error object, then [DONE]', async () => {
  async function* failing() {
    yield { data: '1' }
    throw new Failure('engine_failure', 'The engine failed.', { cause: new Error('secret') })
  }
  const from = source(failing())
  const [, error, done] = await collect(readSse(sseStream(from)))
  expect(JSON.parse(error?.data ?? '')).toEqual({
    error: { message: 'The engine failed.', type: 'server_error', param: null, code: 'engine_failure' },
  })
  expect(done).toEqual({ data: '[DONE]' })
  expect(from.onFailure).toHaveBeenCalledOnce()
  expect(from.onEnd).toHaveBeenCalledOnce()
})

test('the message of an unexpected error is not sent', async () => {
  async function* failing(): AsyncGenerator<{ data: string }> {
    throw new Error('secret')
  }
  const events = await collect(readSse(sseStream(source(failing()))))
  expect(JSON.stringify(events)).not.toContain('secret')
  expect(events.at(-1)).toEqual({ data: '[DONE]' })
})

test('a silence is filled with comments', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* silent() {
    await promise
    yield { data: '1' }
  }
  const seen: string[] = []
  for await (const { comment, data } of readSse(sseStream(source(silent(), 5)))) {
    seen.push(comment ?? data)
    if (seen.length === 2) resolve()
  }
  expect(seen.slice(0, 2)).toEqual(['keep-alive', 'keep-alive'])
  expect(seen.slice(-2)).toEqual(['1', '[DONE]'])
})

test('nothing is pulled ahead of a reader that does not read, and no comments pile up', async () => {
  let pulled = 0
  async function* counted() {
    for await (const event of numbers()) {
      pulled++
      yield event
    }
  }
  const stream = sseStream(source(counted(), 1))
  const reader = stream.getReader()
  await reader.read()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(pulled).toBeLessThanOrEqual(3)
  await reader.cancel()
})

test('a client that leaves ends the source once', async () => {
  const ended = vi.fn()
  async function* endless() {
    try {
      yield* numbers()
    } finally {
      ended()
    }
  }
  const from = source(endless())
  const reader = sseStream(from).getReader()
  await reader.read()
  await reader.cancel()
  await eventually(() => ended.mock.calls.length === 1)
  expect(from.onClientGone).toHaveBeenCalledOnce()
  expect(from.onEnd).toHaveBeenCalledOnce()
})

test('a stream that is handed over breaks after a time to come back, without an error event and without [DONE]', async () => {
  async function* cut() {
    yield { id: 'j:1', data: '1' }
    throw new Failure('shutting_down', 'Shutting down.')
  }
  const from = { ...source(cut()), resumable: true }
  const { text, error } = await readUntilBroken(sseStream(from))
  expect(text).toBe('id: j:1\ndata: 1\n\nretry: 500\n\n')
  expect(error).toMatchObject({ code: 'shutting_down' })
  expect(from.onEnd).toHaveBeenCalledOnce()
})

test('a client that leaves while its stream is handed over ends it once', async () => {
  async function* cut() {
    yield { id: 'j:1', data: '1' }
    throw new Failure('shutting_down', 'Shutting down.')
  }
  const from = { ...source(cut()), resumable: true }
  const reader = sseStream(from).getReader()
  for (let read = 0; read < 2; read++) await reader.read()
  await reader.cancel()
  await eventually(() => from.onClientGone.mock.calls.length === 1)
  expect(from.onEnd).toHaveBeenCalledOnce()
})
