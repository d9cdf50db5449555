import { type CharSet, charSet, charsOf, complement, everyChar } from './char-set.ts'
import { charEscapes, classEscapes, lineEnds } from './escapes.ts'
import { isNullable, type Pattern } from './pattern.ts'

/** Why a regular expression cannot be enforced. */
export class PatternError extends Error {}

const countLimit = 1000
const nestingLimit = 50
const anything: Pattern = { kind: 'repeat', item: { kind: 'chars', set: everyChar }, min: 0, max: undefined }

/**
 * An ECMAScript regular expression as JSON Schema uses it: it may match anywhere in the text unless `^` and `$` say
 * otherwise. Look-around, back references, `\b`, Unicode properties and flags cannot be enforced by a grammar.
 */
export function parsePattern(source: string): Pattern {
  const parser = new PatternParser(source)
  const options = parser.topLevel()
  const [only] = options
  return only !== undefined && options.length === 1 ? only : { kind: 'choice', options }
}

class PatternParser {
  readonly #chars: readonly string[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#chars = Array.from(source)
  }

  /** Anchors belong to single alternatives: `^a|b$` is "begins with a, or ends with b". */
  topLevel(): Pattern[] {
    const options = [this.#anchored()]
    while (this.#take('|')) options.push(this.#anchored())
    if (this.#at < this.#chars.length) throw new PatternError("it has a ')' too many")
    return options
  }

  #anchored(): Pattern {
    const begins = this.#take('^')
    const { items } = this.#sequence()
    const ends = this.#take('$')
    if (ends && this.#at < this.#chars.length && this.#peek() !== '|') {
      throw new PatternError("'$' is only supported at the end")
    }
    return { kind: 'sequence', items: [...(begins ? [] : [anything]), ...items, ...(ends ? [] : [anything])] }
  }

  #choice(): Pattern {
    const options: Pattern[] = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    return { kind: 'choice', options }
  }

  #sequence() {
    const items: Pattern[] = []
    while (this.#at < this.#chars.length && !['|', ')', '$'].includes(this.#peek())) items.push(this.#quantified())
    return { kind: 'sequence' as const, items }
  }

  #quantified(): Pattern {
    const item = this.#atom()
    const counts = this.#quantifier()
    if (counts === undefined) return item
    // Whether a quantifier is lazy changes what a search captures, not which texts match.
    this.#take('?')
    const { min, max } = counts
    if (max !== undefined && max < min) throw new PatternError('a quantifier has its numbers out of order')
    if (Math.max(min, max ?? 0) > countLimit) throw new PatternError(`it repeats something over ${countLimit} times`)
    if (max === undefined && isNullable(item)) {
      throw new PatternError('it repeats something that may be empty without a limit')
    }
    return { kind: 'repeat', item, min, max }
  }

  #quantifier(): { min: number; max: number | undefined } | undefined {
    if (this.#take('*')) return { min: 0, max: undefined }
    if (this.#take('+')) return { min: 1, max: undefined }
    if (this.#take('?')) return { min: 0, max: 1 }
    const [text, min, comma, max] = /^\{(\d{1,9})(,?)(\d{0,9})\}/.exec(this.#rest(24)) ?? []
    if (text === undefined) return undefined
    this.#at += text.length
    return { min: Number(min), max: max !== '' ? Number(max) : comma === '' ? Number(min) : undefined }
  }

  #atom(): Pattern {
    const char = this.#next()
    if (char === '(') return this.#group()
    if (char === '[') return { kind: 'chars', set: this.#class() }
    if (char === '.') return { kind: 'chars', set: complement(lineEnds) }
    if (char === '\\') return { kind: 'chars', set: this.#escape() }
    if (char === '^') throw new PatternError("'^' is only supported at the beginning")
    if ('*+?{}]'.includes(char)) throw new PatternError(`'${char}' has no meaning where it stands`)
    return { kind: 'chars', set: charsOf(char) }
  }

  #group(): Pattern {
    if (this.#take('?') && !this.#take(':')) this.#namedGroup()
    if (++this.#depth > nestingLimit) throw new PatternError('it is nested too deeply')
    const choice = this.#choice()
    this.#depth--
    if (this.#peek() === '$') throw new PatternError("'$' is only supported at the end")
    if (!this.#take(')')) throw new PatternError("it lacks a ')'")
    return choice
  }

  #namedGroup(): void {
    const [name] = /^<\w+>/.exec(this.#rest(64)) ?? []
    if (name === undefined) throw new PatternError('look-around and flags are not supported')
    this.#at += name.length
  }

  #class(): CharSet {
    const negated = this.#take('^')
    const ranges: [number, number][] = []
    while (!this.#take(']')) {
      const from = this.#classPart()
      const isRange = this.#peek() === '-' && this.#chars[this.#at + 1] !== ']'
      if (isRange) ranges.push(this.#range(from))
      else for (const [start, end] of from) ranges.push([start, end])
    }
    return negated ? complement(charSet(ranges)) : charSet(ranges)
  }

  #range(from: CharSet): [number, number] {
    this.#at++
    const [start, end] = [onlyChar(from), onlyChar(this.#classPart())]
    if (end < start) throw new PatternError('a range in a class is out of order')
    return [start, end]
  }

  #classPart(): CharSet {
    const char = this.#next()
    return char === '\\' ? this.#escape() : charsOf(char)
  }

  #escape(): CharSet {
    const char = this.#next()
    const set = classEscapes[char]
    if (set !== undefined) return set
    const plain = charEscapes[char]
    if (plain !== undefined) return charsOf(plain)
    const [hex] = char === 'x' ? (/^[0-9a-f]{2}/i.exec(this.#rest(2)) ?? []) : []
    const [unicode] = char === 'u' ? (/^[0-9a-f]{4}/i.exec(this.#rest(4)) ?? []) : []
    const code = hex ?? unicode
    if (code !== undefined) {
      this.#at += code.length
      return charSet([[Number.parseInt(code, 16), Number.parseInt(code, 16)]])
    }
    if (/[A-Za-z0-9]/.test(char)) throw new PatternError(`'\\${char}' is not supported`)
    return charsOf(char)
  }

  #peek(): string {
    return this.#chars[this.#at] ?? ''
  }

  #next(): string {
    const char = this.#chars[this.#at]
    if (char === undefined) throw new PatternError('it ends too early')
    this.#at++
    return char
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false
    this.#at++
    return true
  }

  #rest(length: number): string {
    return this.#chars.slice(this.#at, this.#at + length).join('')
  }
}

function onlyChar(set: CharSet): number {
  const [range] = set
  if (range === undefined || set.length > 1 || range[0] !== range[1]) {
    throw new PatternError('a range in a class needs single characters')
  }
  return range[0]
}
