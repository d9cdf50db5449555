import type { ChaosRequest } from './request.ts'

/** A silence between two chunks of a client that was reading; in milliseconds of `performance.now()`. */
export type Gap = { fromMs: number; toMs: number }

export type ChoiceAnswer = {
  text: string
  finishReason: string | null
  /** By the seq of their frames; only clients that see event ids know them. */
  chunks: { seq: number; text: string }[]
}

/** What a client has got by the end. */
export type Answer = {
  request: ChaosRequest
  /** The id of the completion. */
  id: string
  choices: ChoiceAnswer[]
  vectors: number[][]
  usage: { promptTokens: number; completionTokens: number } | undefined
  gaps: Gap[]
  /** Connections that broke, other than by the client's own doing. */
  losses: { url: string; atMs: number }[]
  /** How often the client itself left and came back. */
  departures: number
  /** What must not happen, and did. */
  problems: string[]
  startedAtMs: number
  endedAtMs: number
}

export function newAnswer(request: ChaosRequest): Answer {
  const startedAtMs = performance.now()
  const count = request.kind === 'chat' ? request.choices : 0
  return {
    ...{ request, id: '', usage: undefined, gaps: [], losses: [], departures: 0, problems: [], vectors: [] },
    choices: Array.from({ length: count }, () => ({ text: '', finishReason: null, chunks: [] })),
    ...{ startedAtMs, endedAtMs: startedAtMs },
  }
}
