import type { Choice, Gbnf, Term } from '../gbnf/gbnf.ts'
import { parseGbnf } from '../gbnf/parse-gbnf.ts'

/** After so many rules only the shortest ways to the end are taken. */
const budget = 60

/** A random text of the grammar; the same seed writes the same text. */
export function writeText(grammarText: string, seed: number): string {
  const grammar = parseGbnf(grammarText)
  const heights = heightsOf(grammar)
  const random = randomFrom(seed)
  let left = budget
  const choice = (options: Choice): string => {
    const shortest = Math.min(...options.map((terms) => height(terms, heights)))
    const possible = left > 0 ? options : options.filter((terms) => height(terms, heights) === shortest)
    const ending = possible.filter((terms) => Number.isFinite(height(terms, heights)))
    return (ending[Math.floor(random() * ending.length)] ?? []).map(term).join('')
  }
  const term = (each: Term): string => {
    switch (each.kind) {
      case 'text':
        return String.fromCodePoint(...each.codes)
      case 'class':
        return classChar(each, random)
      case 'any':
        return 'x'
      case 'group':
        return choice(each.choice)
      case 'rule':
        left--
        return choice(grammar.get(each.name) ?? [])
      case 'repeat': {
        const most = Math.min(each.max ?? Infinity, each.min + (left > 0 ? 4 : 0))
        const times =
          random() < 0.1 && each.max !== undefined && left > 0 ? each.max : randomBetween(each.min, most, random)
        return Array.from({ length: times }, () => term(each.item)).join('')
      }
    }
  }
  return choice(grammar.get('root') ?? [])
}

function classChar({ negated, ranges }: Extract<Term, { kind: 'class' }>, random: () => number): string {
  if (negated) return 'x'
  const [from, to] = ranges[Math.floor(random() * ranges.length)] ?? [0, 0]
  const code = random() < 0.2 ? (random() < 0.5 ? from : to) : randomBetween(from, to, random)
  return String.fromCodePoint(code)
}

function randomBetween(from: number, to: number, random: () => number): number {
  return from + Math.floor(random() * (to - from + 1))
}

/** Of each rule: how many rules deep its shortest text is. */
function heightsOf(grammar: Gbnf): Map<string, number> {
  const heights = new Map<string, number>()
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, choice] of grammar) {
      const now = 1 + Math.min(...choice.map((terms) => height(terms, heights)))
      if (now < (heights.get(name) ?? Infinity)) {
        heights.set(name, now)
        changed = true
      }
    }
  }
  return heights
}

function height(terms: readonly Term[], heights: ReadonlyMap<string, number>): number {
  const of = (term: Term): number => {
    if (term.kind === 'rule') return heights.get(term.name) ?? Infinity
    if (term.kind === 'group') return Math.min(...term.choice.map((inner) => height(inner, heights)))
    if (term.kind === 'repeat') return term.min === 0 ? 0 : of(term.item)
    return 0
  }
  return Math.max(0, ...terms.map(of))
}

/** Mulberry32, a small generator of good enough numbers. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
