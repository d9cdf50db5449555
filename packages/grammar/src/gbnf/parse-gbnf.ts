import { GrammarError } from '../grammar-error.ts'
import type { Choice, Gbnf, Term } from './gbnf.ts'
import { GbnfReader } from './gbnf-reader.ts'

const nestingLimit = 64
/** llama.cpp's own; it reads a larger maximum as none. */
const countLimit = 2000

/**
 * Parses llama.cpp's grammar notation, without its tokens (`<think>`), which only a loaded model could look up.
 * https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
 *
 * @throws GrammarError with the line of the mistake.
 */
export function parseGbnf(text: string): Gbnf {
  if (text.includes('\0')) throw new GrammarError('a grammar cannot hold the character NUL')
  const reader = new GbnfReader(text)
  const rules = new Map<string, Choice>()
  reader.space(true)
  while (!reader.atEnd()) {
    const name = reader.match(/[A-Za-z0-9-]+/y)
    if (name === undefined) throw reader.error('expected the name of a rule')
    reader.space(false)
    if (!reader.take('::=')) throw reader.error("expected '::='")
    reader.space(true)
    rules.set(name, choice(reader, 0))
    if (!reader.atEnd() && reader.match(/\r\n?|\n/y) === undefined) throw reader.error('expected a new line')
    reader.space(true)
  }
  return rules
}

function choice(reader: GbnfReader, depth: number): Choice {
  if (depth > nestingLimit) throw reader.error(`brackets are nested over ${nestingLimit} levels deep`)
  const sequences = [sequence(reader, depth)]
  while (reader.take('|')) {
    reader.space(true)
    sequences.push(sequence(reader, depth))
  }
  return sequences
}

function sequence(reader: GbnfReader, depth: number): Term[] {
  const terms: Term[] = []
  for (let term = symbol(reader, depth); term !== undefined; term = symbol(reader, depth)) {
    reader.space(depth > 0)
    let repeated: Term = term
    for (let counts = quantifier(reader); counts !== undefined; counts = quantifier(reader)) {
      if (isEmpty(term)) throw reader.error('there is nothing to repeat')
      repeated = { kind: 'repeat', item: repeated, ...counts }
      reader.space(depth > 0)
    }
    terms.push(repeated)
  }
  return terms
}

function symbol(reader: GbnfReader, depth: number): Term | undefined {
  if (reader.take('"')) return { kind: 'text', codes: codesUntil(reader, '"') }
  if (reader.take('[')) return charClass(reader)
  if (reader.take('.')) return { kind: 'any' }
  if (reader.take('(')) {
    reader.space(true)
    const inner = choice(reader, depth + 1)
    if (!reader.take(')')) throw reader.error("expected ')'")
    return { kind: 'group', choice: inner }
  }
  if (reader.peek('<') || reader.peek('!')) throw reader.error('tokens such as <think> are not supported')
  const name = reader.match(/[A-Za-z0-9-]+/y)
  return name === undefined ? undefined : { kind: 'rule', name }
}

function codesUntil(reader: GbnfReader, end: string): number[] {
  const codes: number[] = []
  while (!reader.take(end)) codes.push(reader.char())
  return codes
}

function charClass(reader: GbnfReader): Term {
  const negated = reader.take('^')
  const ranges: [number, number][] = []
  while (!reader.take(']')) {
    const from = reader.char()
    const isRange = reader.peek('-') && !reader.peek('-]')
    if (isRange) reader.take('-')
    const to = isRange ? reader.char() : from
    if (to < from) throw reader.error('a range is out of order')
    ranges.push([from, to])
  }
  if (ranges.length === 0) throw reader.error('a class of characters is empty')
  return { kind: 'class', negated, ranges }
}

function quantifier(reader: GbnfReader): { min: number; max: number | undefined } | undefined {
  if (reader.take('*')) return { min: 0, max: undefined }
  if (reader.take('+')) return { min: 1, max: undefined }
  if (reader.take('?')) return { min: 0, max: 1 }
  if (!reader.peek('{')) return undefined
  const counts = reader.match(/\{\s*\d{1,9}\s*(,\s*(\d{1,9}\s*)?)?\}/y)
  if (counts === undefined) throw reader.error("expected counts such as '{1,3}'")
  const [first = 0, second] = (counts.match(/\d+/g) ?? []).map(Number)
  const max = second ?? (counts.includes(',') ? undefined : first)
  if (max !== undefined && max < first) throw reader.error('the counts are out of order')
  if (Math.max(first, max ?? 0) > countLimit) throw reader.error(`something is repeated over ${countLimit} times`)
  return { min: first, max }
}

function isEmpty(term: Term): boolean {
  return term.kind === 'text' && term.codes.length === 0
}
