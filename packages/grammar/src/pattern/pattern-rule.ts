import { repeat } from '../gbnf/repeat.ts'
import type { Rules } from '../gbnf/rules.ts'
import { jsonChar } from './json-chars.ts'
import { PatternError } from './parse-pattern.ts'
import type { Pattern } from './pattern.ts'

/** The rule for texts that match the pattern, as they are written inside a JSON string. */
export function patternRule(rules: Rules, pattern: Pattern): string {
  return rules.add('text', body(rules, pattern))
}

function body(rules: Rules, pattern: Pattern): string {
  switch (pattern.kind) {
    case 'chars':
      return charBody(pattern.set)
    case 'sequence':
      return pattern.items.map((item) => part(rules, item)).join(' ') || '""'
    case 'choice':
      return pattern.options.map((option) => body(rules, option)).join(' | ')
    case 'repeat':
      return repeat(rules, patternRule(rules, pattern.item), pattern) || '""'
  }
}

function part(rules: Rules, pattern: Pattern): string {
  const isAtom = pattern.kind === 'sequence' || pattern.kind === 'repeat'
  return isAtom ? body(rules, pattern) : patternRule(rules, pattern)
}

function charBody(set: Parameters<typeof jsonChar>[0]): string {
  const char = jsonChar(set)
  if (char === undefined) throw new PatternError('it asks for a character that no string can hold')
  return char
}
