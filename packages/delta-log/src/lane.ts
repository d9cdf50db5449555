import { isTerminal, type JobEvent } from '@millrace/contracts/jobs'
import type { Claim } from './claim.ts'
import { FencedError } from './fenced-error.ts'
import type { OutgoingFrame } from './send-frames.ts'

/** Appends are joined into one frame up to this size; one append is never split. In UTF-16 units of JSON. */
const frameLimitChars = 32 * 1024

type PendingAppend = {
  /** The events' JSON, without the brackets of an array. */
  json: string
  terminal: boolean
  resolve: () => void
  reject: (error: unknown) => void
}

/** The appends of one claim: numbers its frames and knows which of its callers wait for what. */
export class Lane {
  readonly #claim: Claim
  readonly #waiting: PendingAppend[] = []
  readonly #sent: PendingAppend[] = []
  #nextSeq: number
  #refusal: unknown

  constructor(claim: Claim) {
    this.#claim = claim
    this.#nextSeq = claim.lastSeq + 1
    if (claim.terminal) this.#refusal = new FencedError(claim.jobId, 'ended')
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Why nothing can be appended any more; undefined while it can. */
  get refusal(): unknown {
    return this.#refusal
  }

  add(events: readonly JobEvent[]): { logged: Promise<void>; chars: number } {
    const json = events.map((event) => JSON.stringify(event)).join(',')
    const terminal = events.some(isTerminal)
    const logged = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ json, terminal, resolve, reject })
    })
    // Later appends are refused at once, before the terminal one has reached the log.
    if (terminal) this.#refusal = new FencedError(this.#claim.jobId, 'ended')
    return { logged, chars: json.length }
  }

  /** The next frame, from as many waiting appends as fit into one. There must be one waiting. */
  takeFrame(): OutgoingFrame {
    let chars = 0
    do {
      const append = this.#waiting.shift()
      if (!append) break
      chars += append.json.length
      this.#sent.push(append)
    } while (chars + (this.#waiting[0]?.json.length ?? 0) <= frameLimitChars)
    const { jobId, epoch } = this.#claim
    const seq = this.#nextSeq++
    const events = this.#sent.map((append) => append.json).join(',')
    const json = `{"jobId":${JSON.stringify(jobId)},"seq":${seq},"epoch":${epoch},"events":[${events}]}`
    return { jobId, seq, epoch, terminal: this.#sent.at(-1)?.terminal ?? false, json }
  }

  /** The frame taken last is in the log. */
  confirm(): void {
    for (const append of this.#sent.splice(0)) append.resolve()
  }

  /** Nothing of this lane can be logged any more: everything sent or waiting fails, and so will later appends. */
  refuse(error: unknown): void {
    this.#refusal = error
    for (const append of [...this.#sent.splice(0), ...this.#waiting.splice(0)]) append.reject(error)
  }
}
