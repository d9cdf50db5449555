import { collect, readSse, type ServerSentEvent } from '@millrace/testkit'
import { chatPath } from './post.ts'
import { key } from './test-cluster.ts'

export type ClientHeaders = { key?: string; lastEventId?: string | undefined; apiKey?: string }

/** A client of listening servers that may lose its connection and come back, to another server as well. */
export async function request(url: string, init: RequestInit, { apiKey = key, ...headers }: ClientHeaders = {}) {
  return await fetch(url, {
    ...init,
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      ...(headers.key === undefined ? {} : { 'idempotency-key': headers.key }),
      ...(headers.lastEventId === undefined ? {} : { 'last-event-id': headers.lastEventId }),
    },
  })
}

export async function postChat({ url }: { url: string }, body: object, headers?: ClientHeaders, signal?: AbortSignal) {
  const init = { method: 'POST', body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) }
  return await request(url + chatPath, init, headers)
}

export async function generation({ url }: { url: string }, id: string, headers?: ClientHeaders, method = 'GET') {
  return await request(`${url}/v1/generations/${id}`, { method }, headers)
}

export async function resume(server: { url: string }, id: string, headers?: ClientHeaders) {
  return await generation(server, `${id}/stream`, headers)
}

/** All events. The body rather than the response: node-server replaces the global `Response`. */
export async function eventsOf({ body }: Response): Promise<ServerSentEvent[]> {
  return await collect(readSse(bodyOf(body)))
}

/** The first events; then the connection is closed. */
export async function firstEvents(response: Response, count: number): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = []
  for await (const event of readSse(bodyOf(response.body))) {
    events.push(event)
    if (events.length === count) break
  }
  return events
}

function bodyOf(body: Response['body']) {
  if (body === null) throw new Error('no body')
  return body
}
