import { GrammarError } from '../grammar-error.ts'

const escapes: Readonly<Record<string, number>> = { t: 9, r: 13, n: 10, '\\': 92, '"': 34, '[': 91, ']': 93 }

/** Reads the notation's smallest parts. */
export class GbnfReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  take(text: string): boolean {
    const found = this.peek(text)
    if (found) this.#at += text.length
    return found
  }

  /** What the expression, which must be sticky, finds here. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  /** Skips blanks and comments; line ends only where a rule may go on in the next line. */
  space(acrossLines: boolean): void {
    this.match(acrossLines ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y)
  }

  /** The next character of a text or class, escaped or not. */
  char(): number {
    if (!this.take('\\')) return this.#plain()
    const hex = this.match(/x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}/y)
    const code = hex === undefined ? escapes[this.match(/[trn\\"[\]]/y) ?? ''] : Number.parseInt(hex.slice(1), 16)
    if (code === undefined || code === 0 || code > 0x10ffff) throw this.error('unknown escape')
    return code
  }

  error(message: string): GrammarError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return new GrammarError(`${message}, in line ${line}`)
  }

  #plain(): number {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) throw this.error('it ends in the middle of a text or class')
    this.#at += code > 0xffff ? 2 : 1
    return code
  }
}
