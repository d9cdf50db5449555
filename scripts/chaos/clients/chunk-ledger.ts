import { ChatCompletionChunk, ErrorBody } from '@millrace/contracts/openai'
import type { ServerSentEvent } from '@millrace/testkit'
import type { Answer } from './answer.ts'

/** What an event means for the reading: go on, all is there, or the stream ends with this error. */
export type LedgerStep = 'more' | 'done' | { error: string }

/** Enters the events of one generation, however many connections they came over, and objects to what is out of order. */
export class ChunkLedger {
  readonly #answer: Answer
  readonly #positions: number[]
  /** The id of the last event: where to continue. */
  lastEventId: string | undefined

  constructor(answer: Answer) {
    this.#answer = answer
    this.#positions = answer.choices.map(() => 0)
  }

  enter({ id, data, comment }: ServerSentEvent): LedgerStep {
    if (comment !== undefined) return 'more'
    if (data === '[DONE]') return 'done'
    const json: unknown = JSON.parse(data)
    const failed = ErrorBody.safeParse(json)
    if (failed.success) return { error: failed.data.error.code ?? failed.data.error.type }
    this.#enterChunk(ChatCompletionChunk.parse(json), id)
    return 'more'
  }

  #enterChunk(chunk: ChatCompletionChunk, eventId: string | undefined): void {
    const answer = this.#answer
    if (answer.id !== '' && answer.id !== chunk.id) this.#object(`the id changed from ${answer.id} to ${chunk.id}`)
    answer.id = chunk.id
    if (chunk.usage) {
      answer.usage = { promptTokens: chunk.usage.prompt_tokens, completionTokens: chunk.usage.completion_tokens }
    }
    const [choice] = chunk.choices
    if (choice === undefined) return
    const seq = this.#advance(choice.index, eventId)
    const own = answer.choices[choice.index]
    if (own === undefined) return this.#object(`choice ${choice.index} was not asked for`)
    if ((choice.delta.role !== undefined) !== (own.chunks.length === 0)) this.#object(`the role is in chunk ${eventId}`)
    if (own.finishReason !== null) this.#object(`chunk ${eventId} came after the end of its choice`)
    own.finishReason = choice.finish_reason
    own.text += choice.delta.content ?? ''
    own.chunks.push({ seq, text: choice.delta.content ?? '' })
  }

  /** An event moves its own choice ahead; the others may have moved by frames that show nothing, and never go back. */
  #advance(index: number, eventId: string | undefined): number {
    const id = this.#answer.id
    const positions =
      eventId
        ?.slice(id.length + 1)
        .split('.')
        .map(Number) ?? []
    const isBehind = this.#positions.some((before, other) => (positions[other] ?? 0) < before)
    if (isBehind || (positions[index] ?? 0) <= (this.#positions[index] ?? 0)) {
      this.#object(`event ${eventId} came after position ${this.#positions.join('.')}`)
    }
    this.#positions.splice(0, positions.length, ...positions)
    this.lastEventId = eventId
    return positions[index] ?? 0
  }

  #object(problem: string): void {
    this.#answer.problems.push(problem)
  }
}
