import type { Detokenizer, Token } from 'node-llama-cpp'

/** What the native library returns for bytes that are no character (yet). */
const incompleteEnd = /\ufffd+$/

/** A UTF-8 character has at most four bytes, and a token at least one. What takes more tokens is really broken text. */
const mostTokensOfCharacter = 4

/** Tokens before the current ones that can change its text: some tokenizers drop a space at the very beginning. */
const contextTokens = 4

/** Turns tokens into text one by one, holding back an incomplete character at the end. */
export class IncrementalDecoder {
  readonly #detokenize: Detokenizer
  #before: Token[] = []
  /** Tokens since the last one that ended with a whole character; few, since most do. */
  #held: Token[] = []
  /** How much of the held tokens' text is out already: a token may end one character and begin the next. */
  #shownLength = 0
  /** Tokens that the incomplete character spans so far. */
  #incompleteTokens = 0

  constructor(detokenize: Detokenizer) {
    this.#detokenize = detokenize
  }

  /** The text that the token completed; empty while a character is incomplete. */
  push(token: Token): string {
    this.#held.push(token)
    const text = this.#detokenize(this.#held, false, this.#before)
    const whole = text.replace(incompleteEnd, '')
    const shown = whole.slice(this.#shownLength)
    this.#incompleteTokens = shown === '' ? this.#incompleteTokens + 1 : 1
    const broken = this.#incompleteTokens === mostTokensOfCharacter
    if (whole.length === text.length || broken) return this.#release(text)
    this.#shownLength = whole.length
    return shown
  }

  /** The text ended in the middle of a character: what there is of it, which no client should have to see. */
  flush(): string {
    return this.#release(this.#detokenize(this.#held, false, this.#before).replace(incompleteEnd, ''))
  }

  #release(text: string): string {
    const shown = text.slice(this.#shownLength)
    this.#before = [...this.#before, ...this.#held].slice(-contextTokens)
    this.#held = []
    this.#shownLength = 0
    this.#incompleteTokens = 0
    return shown
  }
}
