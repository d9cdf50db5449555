import { GrammarError } from '../grammar-error.ts'

/** Far more than a schema for a model needs; it bounds the time that compiling and sampling take. */
const textLimitChars = 256 * 1024

/** A GBNF grammar while it is written. Rules with equal bodies become one. */
export class Rules {
  readonly #bodies = new Map<string, string>()
  readonly #namesByBody = new Map<string, string>()
  #chars = 0

  /** Adds a rule and returns its name. */
  add(hint: string, body: string): string {
    const known = this.#namesByBody.get(body)
    if (known !== undefined) return known
    const name = this.reserve(hint)
    this.define(name, body)
    this.#namesByBody.set(body, name)
    return name
  }

  /** A name whose rule is defined later, so that rules can refer to each other. */
  reserve(hint: string): string {
    const base =
      hint
        .replace(/[^A-Za-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 32) || 'rule'
    let name = base
    for (let count = 2; this.#bodies.has(name); count++) name = `${base}-${count}`
    this.#bodies.set(name, '')
    return name
  }

  has(name: string): boolean {
    return this.#bodies.has(name)
  }

  define(name: string, body: string): void {
    this.#bodies.set(name, body)
    this.#chars += name.length + body.length + 6
    if (this.#chars > textLimitChars) throw new GrammarError('the schema is too large for a grammar')
  }

  text(): string {
    return [...this.#bodies].map(([name, body]) => `${name} ::= ${body}\n`).join('')
  }
}
