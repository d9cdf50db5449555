import type { Detokenizer, Token } from 'node-llama-cpp'

/** What the native library returns for bytes that are no character (yet). */
const replacementCharacter = '\ufffd'

/** A UTF-8 character has at most four bytes, and a token at least one. More held tokens are really broken text. */
const mostTokensOfCharacter = 4

/** Tokens before the current ones that can change its text: some tokenizers drop a space at the very beginning. */
const contextTokens = 4

/** Turns tokens into text one by one, holding back those of an incomplete character. */
export class IncrementalDecoder {
  readonly #detokenize: Detokenizer
  #before: Token[] = []
  #held: Token[] = []

  constructor(detokenize: Detokenizer) {
    this.#detokenize = detokenize
  }

  /** The text that the token completed; empty while a character is incomplete. */
  push(token: Token): string {
    this.#held.push(token)
    const text = this.#detokenize(this.#held, false, this.#before)
    if (text.endsWith(replacementCharacter) && this.#held.length < mostTokensOfCharacter) return ''
    this.#before = [...this.#before, ...this.#held].slice(-contextTokens)
    this.#held = []
    return text
  }

  /** The text ended in the middle of a character: what there is of it, which no client should have to see. */
  flush(): string {
    const text = this.#detokenize(this.#held, false, this.#before)
    this.#held = []
    return text.replace(/\ufffd+$/, '')
  }
}
