import { describe, expect, test } from 'vitest'
import { collect } from './collect.ts'
import { readSse, type ServerSentEvent } from './read-sse.ts'

const encoder = new TextEncoder()

function streamOf(chunks: Uint8Array<ArrayBuffer>[], onCancel?: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
    cancel: () => onCancel?.(),
  })
}

async function readAll(text: string, chunkBytes = 1_000_000): Promise<ServerSentEvent[]> {
  const bytes = encoder.encode(text)
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for (let from = 0; from < bytes.length; from += chunkBytes) chunks.push(bytes.slice(from, from + chunkBytes))
  return collect(readSse(streamOf(chunks)))
}

describe('fields', () => {
  test('an event has its id, its name and its data', async () => {
    expect(await readAll('id: job:7\nevent: delta\ndata: {"a": 1}\n\n')).toEqual([
      { id: 'job:7', event: 'delta', data: '{"a": 1}' },
    ])
  })

  test('data lines are joined by a line feed, and only one leading space is taken away', async () => {
    expect(await readAll('data: one\ndata:  two\ndata\ndata:\n\n')).toEqual([{ data: 'one\n two\n\n' }])
  })

  test('an id is not carried over to an event without one', async () => {
    expect(await readAll('id: 1\ndata: a\n\ndata: b\n\n')).toEqual([{ id: '1', data: 'a' }, { data: 'b' }])
  })

  test('an id with a NUL and unknown fields are passed over', async () => {
    expect(await readAll('id: a\0b\nretry: 10\nnonsense\ndata: x\n\n')).toEqual([{ data: 'x' }])
  })

  test('a block without data is not an event', async () => {
    expect(await readAll('event: ping\n\n\n\ndata: x\n\n')).toEqual([{ data: 'x' }])
  })

  test('comments are reported on their own, in order, also between the lines of an event', async () => {
    expect(await readAll(': keep-alive\n\ndata: a\n:second\ndata: b\n\n')).toEqual([
      { data: '', comment: 'keep-alive' },
      { data: '', comment: 'second' },
      { data: 'a\nb' },
    ])
  })
})

describe('bytes', () => {
  const text = '\ufeff: ping\r\n\r\nid: 1\rdata: 水車 🌊\r\rdata: мельница\n\ndata: [DONE]\r\n\r\n'
  const events = [{ data: '', comment: 'ping' }, { id: '1', data: '水車 🌊' }, { data: 'мельница' }, { data: '[DONE]' }]

  test.each([1, 2, 3, 5, 7, 1000])('chunks of %i bytes give the same events, whatever they cut apart', async (size) => {
    expect(await readAll(text, size)).toEqual(events)
  })

  test('an event that the end of the stream cuts off is dropped', async () => {
    expect(await readAll('data: whole\n\ndata: cut')).toEqual([{ data: 'whole' }])
    expect(await readAll('data: whole\n\ndata: cut\n')).toEqual([{ data: 'whole' }])
    expect(await readAll('data: whole\r\r')).toEqual([{ data: 'whole' }])
  })
})

describe('the stream', () => {
  test('a response is read like its body, and one without a body has no events', async () => {
    expect(await collect(readSse(new Response('data: a\n\n')))).toEqual([{ data: 'a' }])
    expect(await collect(readSse(new Response(null)))).toEqual([])
  })

  test('leaving the loop cancels the stream', async () => {
    let cancelled = false
    const endless = Array.from({ length: 100 }, () => encoder.encode('data: a\n\n'))
    const body = streamOf(endless, () => {
      cancelled = true
    })
    for await (const event of readSse(body)) {
      expect(event.data).toBe('a')
      break
    }
    expect(cancelled).toBe(true)
  })

  test('an error of the stream reaches the reader', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('connection reset')) })
    await expect(collect(readSse(broken))).rejects.toThrow('connection reset')
  })
})
