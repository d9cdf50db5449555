import { GrammarError } from '../grammar-error.ts'
import type { Choice, Gbnf, Term } from './gbnf.ts'
import { parseGbnf } from './parse-gbnf.ts'

const textLimitChars = 256 * 1024
const rulesLimit = 10_000
/** Terminals and references after repetitions are written out, as llama.cpp does. */
const elementsLimit = 500_000
/** llama.cpp's limit on the rules that one repetition makes. */
const repeatedRulesLimit = 2000

/**
 * Refuses what llama.cpp would refuse, and what would make it run out of stack, memory or time before it could: the
 * native parser runs beside other people's generations.
 *
 * @throws GrammarError
 */
export function checkGbnf(text: string): void {
  if (text.length > textLimitChars) throw new GrammarError(`a grammar may have ${textLimitChars} characters at most`)
  const grammar = parseGbnf(text)
  if (!grammar.has('root')) throw new GrammarError("there is no rule named 'root'")
  if (grammar.size > rulesLimit) throw new GrammarError(`a grammar may have ${rulesLimit} rules at most`)
  const elements = [...grammar.values()].reduce((sum, choice) => sum + sizeOf(grammar, choice).elements, 0)
  if (elements > elementsLimit) throw new GrammarError('the repetitions make the grammar too large')
  const nullable = nullableRules(grammar)
  refuseLeftRecursion(grammar, nullable)
  refuseEndless(grammar)
}

type Size = { elements: number; rules: number }

function sizeOf(grammar: Gbnf, choice: Choice): Size {
  return sum(choice.flat().map((term) => sizeOfTerm(grammar, term)))
}

function sizeOfTerm(grammar: Gbnf, term: Term): Size {
  switch (term.kind) {
    case 'text':
      return { elements: term.codes.length, rules: 0 }
    case 'class':
      return { elements: 2 * term.ranges.length, rules: 0 }
    case 'any':
      return { elements: 1, rules: 0 }
    case 'rule':
      if (!grammar.has(term.name)) throw new GrammarError(`there is no rule named '${term.name}'`)
      return { elements: 1, rules: 0 }
    case 'group': {
      const { elements, rules } = sizeOf(grammar, term.choice)
      return { elements: elements + 1, rules: rules + 1 }
    }
    case 'repeat':
      return sizeOfRepeat(sizeOfTerm(grammar, term.item), term)
  }
}

function sizeOfRepeat(item: Size, { min, max }: { min: number; max: number | undefined }): Size {
  const times = Math.max(1, max ?? min)
  if (Math.max(1, item.rules) * times > repeatedRulesLimit) {
    throw new GrammarError('repetitions of repetitions make too many rules; name the inner one in a rule of its own')
  }
  return { elements: (item.elements + 2) * times, rules: Math.max(1, item.rules) * times }
}

function sum(sizes: readonly Size[]): Size {
  return sizes.reduce((a, b) => ({ elements: a.elements + b.elements, rules: a.rules + b.rules }), {
    elements: 0,
    rules: 0,
  })
}

/** Rules that can be empty: a fixed point. */
function nullableRules(grammar: Gbnf): ReadonlySet<string> {
  return fixedPoint(grammar, (choice, known) => choice.some((terms) => terms.every((term) => isNullable(term, known))))
}

function isNullable(term: Term, nullable: ReadonlySet<string>): boolean {
  if (term.kind === 'text') return term.codes.length === 0
  if (term.kind === 'rule') return nullable.has(term.name)
  if (term.kind === 'group') return term.choice.some((terms) => terms.every((each) => isNullable(each, nullable)))
  if (term.kind === 'repeat') return term.min === 0 || isNullable(term.item, nullable)
  return false
}

/** A rule that calls itself before it has read a character never gets further. */
function refuseLeftRecursion(grammar: Gbnf, nullable: ReadonlySet<string>): void {
  const firsts = new Map([...grammar].map(([name, choice]) => [name, leftmost(choice, nullable)]))
  const done = new Set<string>()
  for (const name of grammar.keys()) visit(name, firsts, { done, path: new Set() })
}

function visit(
  name: string,
  firsts: ReadonlyMap<string, readonly string[]>,
  { done, path }: { done: Set<string>; path: Set<string> },
): void {
  if (done.has(name)) return
  if (path.has(name)) throw new GrammarError(`the rule '${name}' begins with itself, which is not supported`)
  if (path.size > 1000) throw new GrammarError('its rules are nested over 1000 levels deep')
  path.add(name)
  for (const first of firsts.get(name) ?? []) visit(first, firsts, { done, path })
  path.delete(name)
  done.add(name)
}

/** Rules with which a text of the choice can begin. */
function leftmost(choice: Choice, nullable: ReadonlySet<string>): string[] {
  return choice.flatMap((terms) => {
    const solid = terms.findIndex((term) => !isNullable(term, nullable))
    return terms.slice(0, solid === -1 ? terms.length : solid + 1).flatMap((term) => leftmostOf(term, nullable))
  })
}

function leftmostOf(term: Term, nullable: ReadonlySet<string>): string[] {
  if (term.kind === 'rule') return [term.name]
  if (term.kind === 'group') return leftmost(term.choice, nullable)
  if (term.kind !== 'repeat') return []
  if (term.max === undefined && isNullable(term.item, nullable)) {
    throw new GrammarError('something that may be empty is repeated without a limit, which is not supported')
  }
  return leftmostOf(term.item, nullable)
}

/** From `root` an end must be reachable, or every generation would run into its token limit. */
function refuseEndless(grammar: Gbnf): void {
  const ending = fixedPoint(grammar, (choice, known) =>
    choice.some((terms) => terms.every((term) => ends(term, known))),
  )
  if (!ending.has('root')) throw new GrammarError('no text can ever be complete')
}

function ends(term: Term, ending: ReadonlySet<string>): boolean {
  if (term.kind === 'rule') return ending.has(term.name)
  if (term.kind === 'group') return term.choice.some((terms) => terms.every((each) => ends(each, ending)))
  return term.kind !== 'repeat' || term.min === 0 || ends(term.item, ending)
}

function fixedPoint(grammar: Gbnf, holds: (choice: Choice, known: ReadonlySet<string>) => boolean): Set<string> {
  const known = new Set<string>()
  for (let before = -1; before < known.size; ) {
    before = known.size
    for (const [name, choice] of grammar) if (!known.has(name) && holds(choice, known)) known.add(name)
  }
  return known
}
