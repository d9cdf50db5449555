import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually, startRedis, type TestRedis } from '@millrace/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { chat, chatPath } from '../test-support/post.ts'
import { key, TestCluster } from '../test-support/test-cluster.ts'

let server: TestRedis
let cluster: TestCluster
let sockets: Socket[]

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())
beforeEach(() => {
  cluster = new TestCluster(server)
  sockets = []
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await cluster.close()
})

async function open({
  url,
}: {
  url: string
}): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  return { socket, received: () => text, closed }
}

function head(contentLength: number | 'chunked'): string {
  const length = contentLength === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${contentLength}`
  return `POST ${chatPath} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n${length}\r\n\r\n`
}

async function ask({ url }: { url: string }): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return (await fetch(url + chatPath, { method: 'POST', headers, body: JSON.stringify(chat('x')) })).status
}

test('200 silent and byte-by-byte connections delay nobody, and are closed', async () => {
  await cluster.worker({ tokens: 3 })
  const api = await cluster.api({ HEADER_TIMEOUT: '2s', BODY_TIMEOUT: '2s' })
  const clients = await Promise.all(Array.from({ length: 200 }, () => open(api)))
  const writers = clients.map(({ socket }, index) => {
    if (index % 2 === 0) return undefined
    const bytes = head(100_000)
    let sent = 0
    return setInterval(() => socket.writable && socket.write(bytes[sent++] ?? '{'), 20)
  })
  const startedAtMs = performance.now()
  for (let request = 0; request < 10; request++) expect(await ask(api)).toBe(200)
  expect(performance.now() - startedAtMs).toBeLessThan(2000)
  await Promise.all(clients.map(({ closed }) => closed))
  for (const writer of writers) clearInterval(writer)
  for (const { received } of clients) expect(received()).toMatch(/^(HTTP\/1.1 408 |$)/)
  expect(await ask(api)).toBe(200)
})

test('408 for a body that does not come', async () => {
  const api = await cluster.api({ BODY_TIMEOUT: '100ms' })
  for (const length of [100, 'chunked'] as const) {
    const { socket, received, closed } = await open(api)
    socket.write(head(length))
    await closed
    expect(received()).toMatch(/^HTTP\/1.1 408 /)
    expect(received()).toContain('"code":"request_timeout"')
    expect(received()).toMatch(/x-request-id: req_/i)
  }
})

test('413 while reading a chunked body that never ends', async () => {
  const api = await cluster.api({ BODY_LIMIT: '10kb' })
  const { socket, received, closed } = await open(api)
  socket.write(head('chunked'))
  const piece = `400\r\n${'x'.repeat(0x400)}\r\n`
  const writer = setInterval(() => socket.writable && socket.write(piece), 1)
  // The client may be writing in the very moment in which the server closes: then it is told by an error.
  await closed.catch((error: NodeJS.ErrnoException) => expect(['EPIPE', 'ECONNRESET']).toContain(error.code))
  clearInterval(writer)
  expect(received()).toMatch(/^HTTP\/1.1 413 /)
})

test.each([
  ['what is no HTTP', 'hello\r\n\r\n', 400],
  ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}`, 431],
  ['a Host header that is no host', 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400],
])('%s gets an error of ours', async (_, request, status) => {
  const { socket, received, closed } = await open(await cluster.api())
  socket.write(request)
  await closed
  expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(received()).toContain('"code":"invalid_request"')
})

test('a client that does not read holds nobody up, and has the whole answer when it reads', async () => {
  const { engine } = await cluster.worker({ slots: 8, tokens: 3_000 })
  const api = await cluster.api()
  const body = JSON.stringify(chat('x', { stream: true, n: 8 }))
  const slow = await open(api)
  slow.socket.pause()
  slow.socket.write(head(Buffer.byteLength(body)) + body)
  await eventually(() => engine.busySlots() > 0)
  // The generations end although nobody reads: the log holds what was not sent.
  await eventually(() => engine.busySlots() === 0, { timeoutMs: 20_000 })
  expect(await ask(api)).toBe(200)
  slow.socket.resume()
  await eventually(() => slow.received().endsWith('data: [DONE]\n\n\r\n0\r\n\r\n'), { timeoutMs: 20_000 })
})
