import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import type { Random } from '../random.ts'
import { type Answer, newAnswer } from './answer.ts'
import { brokenAnswer } from './broken-answer.ts'
import { chatBody, withUsage } from './chat-body.ts'
import { type ClientSetting, Route } from './client-setting.ts'
import { GapClock } from './gap-clock.ts'
import type { ChatRequest, EmbeddingRequest } from './request.ts'

type Ask = (client: OpenAI, clock: GapClock) => Promise<void>

const pauseMs = 100

/** Asks with the official client, again and again until there is a whole answer: it cannot continue a stream. */
export async function askOfficially(
  setting: ClientSetting,
  { request, answer, random }: { request: ChatRequest | EmbeddingRequest; answer: Answer; random: Random },
): Promise<void> {
  const route = new Route(setting.urls, random)
  const deadline = AbortSignal.timeout(setting.patienceMs)
  const clock = new GapClock(answer.gaps)
  const ask = askerOf(setting, request, answer, deadline)
  while (!deadline.aborted) {
    const client = new OpenAI({ baseURL: `${route.url}/v1`, apiKey: setting.apiKey, maxRetries: 0 })
    try {
      return await ask(client, clock)
    } catch (error) {
      const { kind, why } = brokenAnswer(error, hasBegun(answer))
      if (kind === 'failed') return void answer.problems.push(`the request ended with ${why}`)
      if (kind === 'lost') answer.losses.push({ url: route.url, atMs: performance.now() })
      forgetText(answer)
      route.moveOn()
      await delay(pauseMs)
    }
  }
  answer.problems.push(`no whole answer within ${setting.patienceMs} ms`)
}

function askerOf(
  setting: ClientSetting,
  request: ChatRequest | EmbeddingRequest,
  answer: Answer,
  signal: AbortSignal,
): Ask {
  if (request.kind === 'embeddings') {
    return async (client) => {
      const input = [...request.inputs]
      const { data } = await client.embeddings.create({ model: setting.embeddingModel, input }, { signal })
      answer.vectors = data.map(({ embedding }) => embedding)
    }
  }
  const body = chatBody(request, setting.model)
  const headers = request.form === 'unkeyed' ? {} : { 'Idempotency-Key': request.name }
  if (request.form !== 'blocking')
    return (client, clock) => readStream(client, { body, headers, signal, answer, clock })
  return async (client) => {
    const completion = await client.chat.completions.create(body, { headers, signal })
    answer.id = completion.id
    for (const { index, message, finish_reason: reason } of completion.choices) {
      answer.choices[index] = { text: message.content ?? '', finishReason: reason, chunks: [] }
    }
    setUsage(answer, completion.usage)
  }
}

type StreamCall = {
  body: ReturnType<typeof chatBody>
  headers: Record<string, string>
  signal: AbortSignal
  answer: Answer
  clock: GapClock
}

async function readStream(client: OpenAI, { body, headers, signal, answer, clock }: StreamCall): Promise<void> {
  const stream = await client.chat.completions.create({ ...body, ...withUsage }, { headers, signal })
  for await (const chunk of stream) {
    clock.tick()
    answer.id = chunk.id
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      const choice = answer.choices[index]
      if (choice === undefined) throw new RangeError(`choice ${index} was not asked for`)
      choice.text += delta.content ?? ''
      choice.finishReason ??= reason
    }
    setUsage(answer, chunk.usage)
  }
}

function setUsage(answer: Answer, usage: OpenAI.CompletionUsage | null | undefined): void {
  if (usage) answer.usage = { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens }
}

function hasBegun({ choices }: Answer): boolean {
  return choices.some(({ text }) => text !== '')
}

function forgetText(answer: Answer): void {
  answer.choices = newAnswer(answer.request).choices
  answer.usage = undefined
}
