import { setTimeout as delay } from 'node:timers/promises'
import { ErrorBody } from '@millrace/contracts/openai'
import { readSse } from '@millrace/testkit'
import type { Random } from '../random.ts'
import type { Answer } from './answer.ts'
import { type BrokenAnswer, judge } from './broken-answer.ts'
import { chatBody, withUsage } from './chat-body.ts'
import { ChunkLedger } from './chunk-ledger.ts'
import { type ClientSetting, Route } from './client-setting.ts'
import { GapClock } from './gap-clock.ts'
import type { ChatRequest } from './request.ts'

type Reading = {
  setting: ClientSetting
  request: ChatRequest
  answer: Answer
  ledger: ChunkLedger
  clock: GapClock
  random: Random
  deadline: AbortSignal
}

const pauseMs = 100

/** Reads a stream to its end, over as many connections as it takes, each from the last event it has. */
export async function readResuming(
  setting: ClientSetting,
  { request, answer, random }: { request: ChatRequest; answer: Answer; random: Random },
): Promise<void> {
  const route = new Route(setting.urls, random)
  const deadline = AbortSignal.timeout(setting.patienceMs)
  const [ledger, clock] = [new ChunkLedger(answer), new GapClock(answer.gaps)]
  const reading = { setting, request, answer, ledger, clock, random, deadline }
  while (!deadline.aborted) {
    const broken = await readOnce(reading, route.url)
    if (broken === 'done') return
    if (broken.kind === 'failed') return void answer.problems.push(`the stream ended with ${broken.why}`)
    if (broken.kind === 'lost') answer.losses.push({ url: route.url, atMs: performance.now() })
    route.moveOn()
    await delay(pauseMs)
  }
  answer.problems.push(`no whole answer within ${setting.patienceMs} ms`)
}

/** One connection. A client that leaves by itself comes back in here. */
async function readOnce(reading: Reading, url: string): Promise<'done' | BrokenAnswer> {
  const { setting, answer, ledger, clock, deadline } = reading
  const leave = new AbortController()
  let awayMs: number | undefined
  using _ = setting.departures.offer((ms) => {
    awayMs = ms
    leave.abort()
  })
  try {
    const response = await connect(reading, url, AbortSignal.any([leave.signal, deadline]))
    if (!response.ok) return refusal(response)
    for await (const event of readSse(response)) {
      const step = ledger.enter(event)
      if (step === 'done') return 'done'
      if (step !== 'more') return judge({ status: undefined, code: step.error }, ledger.lastEventId !== undefined)
      if (event.id !== undefined) clock.tick()
    }
    return { kind: 'lost', why: 'the stream ended early' }
  } catch (error) {
    if (!isConnectionError(error)) throw error
    if (awayMs === undefined) return { kind: 'lost', why: String(error) }
    answer.departures++
    await delay(awayMs)
    clock.excuse()
    return { kind: 'refused', why: 'the client left' }
  }
}

/** By repeating the request, or by the id of the completion when that is known. */
async function connect({ setting, request, answer, ledger, random }: Reading, url: string, signal: AbortSignal) {
  const { lastEventId } = ledger
  const headers = {
    authorization: `Bearer ${setting.apiKey}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  }
  if (answer.id !== '' && random.next() < 0.5) {
    return await fetch(`${url}/v1/generations/${answer.id}/stream`, { headers, signal })
  }
  return await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': request.name },
    body: JSON.stringify({ ...chatBody(request, setting.model), ...withUsage }),
    signal,
  })
}

async function refusal(response: Response): Promise<BrokenAnswer> {
  const { data } = ErrorBody.safeParse(await response.json().catch(() => undefined))
  const { kind, why } = judge({ status: response.status, code: data?.error.code ?? undefined }, false)
  return { kind, why: `${why}: ${data?.error.message}` }
}

/** What `fetch` throws when there is no connection any more, or when it was told to stop. */
function isConnectionError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof DOMException
}
