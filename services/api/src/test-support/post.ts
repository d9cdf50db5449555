import type { Hono } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import { chatModel } from './start-worker.ts'
import { key } from './test-cluster.ts'

export type PostOptions = { headers?: Record<string, string>; signal?: AbortSignal }

/** Posts JSON with a valid key. A body that is a string is sent as it is. */
export async function post(app: Hono<ApiEnv>, path: string, body: unknown, { headers, signal }: PostOptions = {}) {
  return await app.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** A chat with one message. */
export function chat(text: string, extra: object = {}) {
  return { model: chatModel, messages: [{ role: 'user', content: text }], ...extra }
}

export const chatPath = '/v1/chat/completions'
