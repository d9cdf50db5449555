import type { ChatRequest } from './request.ts'

/** The body of a request, greedy and with usage. */
export function chatBody(request: ChatRequest, model: string) {
  const { content, choices, stop, maxTokens } = request
  return {
    ...{ model, temperature: 0, max_tokens: maxTokens },
    messages: [{ role: 'user' as const, content }],
    ...(choices > 1 ? { n: choices } : {}),
    ...(stop.length > 0 ? { stop: [...stop] } : {}),
  }
}

export const withUsage = { stream: true, stream_options: { include_usage: true } } as const
