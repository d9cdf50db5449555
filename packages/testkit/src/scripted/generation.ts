import type { GenerationJob, JobFinished, ResumePoint, TextDelta } from '@millrace/contracts/jobs'
import { pieceOf, type Script, scriptFor } from './script.ts'
import { StopFilter } from './stop-filter.ts'

/**
 * The tokens and the text of one job, decoded one by one. Which text may be shown is a function of the tokens, so an
 * earlier attempt is restored by decoding its tokens once more.
 */
export class Generation {
  readonly #script: Script
  readonly #filter: StopFilter
  readonly #limit: number
  readonly #reasonAtLimit: JobFinished['reason']
  #position = 0
  /** Text that an earlier attempt has shown, as far as it has not come by again. */
  #shownBefore = ''

  constructor(job: GenerationJob, limits: { answerTokens: number; roomTokens: number }) {
    this.#script = scriptFor(job.messages)
    this.#filter = new StopFilter(job.stop)
    this.#limit = Math.min(job.maxTokens, limits.roomTokens, limits.answerTokens)
    this.#reasonAtLimit = this.#limit < limits.answerTokens ? 'length' : 'stop'
  }

  get tokens(): number {
    return this.#position
  }

  /** Why there is no further token; undefined while there is one. */
  get ended(): JobFinished['reason'] | undefined {
    if (this.#filter.stopped) return 'stop'
    return this.#position >= this.#limit ? this.#reasonAtLimit : undefined
  }

  /** @throws Error when the tokens or the text are not what this job gives. */
  resume({ tokens, text }: ResumePoint): void {
    this.#shownBefore = text
    for (const token of tokens) {
      const delta = this.next()
      if (delta.tokens[0] !== token || delta.text !== '') throw new Error('the resume point is of another job')
    }
  }

  /** Decodes one token. */
  next(): TextDelta {
    const token = this.#script.tokenAt(this.#position++)
    return { type: 'text-delta', text: this.#unseen(this.#filter.push(pieceOf(token))), tokens: [token] }
  }

  /** Text that was held back as a possible stop string, once the generation has ended otherwise. */
  rest(): string {
    return this.#unseen(this.#filter.end())
  }

  #unseen(text: string): string {
    const again = Math.min(this.#shownBefore.length, text.length)
    if (again === 0) return text
    if (!this.#shownBefore.startsWith(text.slice(0, again))) throw new Error('the resume point is of another job')
    this.#shownBefore = this.#shownBefore.slice(again)
    return text.slice(again)
  }
}
