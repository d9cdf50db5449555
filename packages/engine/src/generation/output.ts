import type { Detokenizer, Token } from 'node-llama-cpp'
import { StopMatcher } from './stop-matcher.ts'
import { IncrementalDecoder } from './text-decoder.ts'

export type OutputOptions = {
  detokenize: Detokenizer
  /** The request's stop strings and the chat template's own. */
  stops: readonly string[]
  maxTokens: number
}

/** What a generation has produced: a pure function of its tokens, so that replaying them restores it. */
export class Output {
  readonly tokens: Token[] = []
  readonly #decoder: IncrementalDecoder
  readonly #matcher: StopMatcher
  readonly #maxTokens: number

  constructor({ detokenize, stops, maxTokens }: OutputOptions) {
    this.#decoder = new IncrementalDecoder(detokenize)
    this.#matcher = new StopMatcher(stops)
    this.#maxTokens = maxTokens
  }

  /** Why no further token is wanted; undefined while more are. */
  get endReason(): 'stop' | 'length' | undefined {
    if (this.#matcher.matched) return 'stop'
    return this.tokens.length >= this.#maxTokens ? 'length' : undefined
  }

  /** Takes a token and returns the text it made safe to show. */
  push(token: Token): string {
    this.tokens.push(token)
    return this.#matcher.push(this.#decoder.push(token))
  }

  /** The generation ends here: the text still held back, if it is to be shown. */
  flush(): string {
    return this.#matcher.push(this.#decoder.flush()) + this.#matcher.flush()
  }
}
