import { repeat } from '../gbnf/repeat.ts'
import type { Rules } from '../gbnf/rules.ts'
import { GrammarError, type Place } from '../grammar-error.ts'
import { type Automaton, lengthAutomaton, patternAutomaton } from '../pattern/automaton.ts'
import { automatonRule, both } from '../pattern/automaton-rule.ts'
import { formats } from '../pattern/formats.ts'
import { PatternError, parsePattern } from '../pattern/parse-pattern.ts'
import type { Pattern } from '../pattern/pattern.ts'
import { patternRule } from '../pattern/pattern-rule.ts'
import { anyChar, anyString } from './any-value.ts'
import { count, keywordValues, type Source, text } from './source.ts'

/** Beyond it the bound can no longer be told from none, and counting costs. */
const lengthLimit = 100_000
/** What an automaton can count to. */
const countedLimit = 1000

type Lengths = { min: number; max: number | undefined; place: Place }

/** Strings that satisfy all of the schemas. */
export function stringBody(rules: Rules, sources: readonly Source[]): string {
  const lengths = stringLengths(sources)
  const patterns = [...formatPatterns(sources), ...ownPatterns(sources)]
  const [first, ...others] = patterns
  if (first === undefined) return lengths === undefined ? anyString(rules) : quoted(ofLength(rules, lengths))
  return at(first.place, () => {
    if (lengths === undefined && others.length === 0) return quoted(patternRule(rules, first.pattern))
    return quoted(
      automatonRule(
        rules,
        combined(
          patterns.map(({ pattern }) => pattern),
          lengths,
        ),
      ),
    )
  })
}

function quoted(content: string): string {
  return content === '' ? '"\\"\\""' : `"\\"" ${content} "\\""`
}

function ofLength(rules: Rules, { min, max, place }: Lengths): string {
  const longest = Math.max(min, max ?? 0)
  if (longest > lengthLimit) throw new GrammarError(`lengths above ${lengthLimit} cannot be enforced`, place)
  return repeat(rules, anyChar(rules), { min, max })
}

function stringLengths(sources: readonly Source[]): Lengths | undefined {
  const mins = keywordValues(sources, 'minLength', count)
  const maxes = keywordValues(sources, 'maxLength', count)
  const place = [...maxes, ...mins][0]?.place
  if (place === undefined) return undefined
  const min = Math.max(0, ...mins.map(({ value }) => value))
  const max = maxes.length > 0 ? Math.min(...maxes.map(({ value }) => value)) : undefined
  if (max !== undefined && max < min) throw new GrammarError('no length is possible', place)
  return { min, max, place }
}

/** Texts that match all the patterns and have such a length. */
function combined(patterns: readonly Pattern[], lengths: Lengths | undefined): Automaton<unknown> {
  if (Math.max(lengths?.min ?? 0, lengths?.max ?? 0) > countedLimit) {
    throw new PatternError(`it cannot be combined with lengths above ${countedLimit}`)
  }
  const all: Automaton<unknown>[] = [
    ...patterns.map((pattern) => opaque(patternAutomaton(pattern))),
    ...(lengths === undefined ? [] : [opaque(lengthAutomaton(lengths))]),
  ]
  return all.reduce((left, right) => opaque(both(left, right)))
}

/** Forgets what the states are: only the automaton itself ever looks at them. */
function opaque<State>(automaton: Automaton<State>): Automaton<unknown> {
  // Every state that comes in was handed out by this automaton.
  return automaton as Automaton<unknown>
}

function formatPatterns(sources: readonly Source[]) {
  return keywordValues(sources, 'format', text).flatMap(({ value, place }) => {
    const source = Object.hasOwn(formats, value) ? formats[value] : undefined
    if (source === undefined) throw new GrammarError(`'format' cannot be enforced for '${value}'`, place)
    return [{ pattern: parsePattern(source), place }]
  })
}

function ownPatterns(sources: readonly Source[]) {
  return keywordValues(sources, 'pattern', text).map(({ value, place }) => ({
    pattern: at(place, () => parsePattern(value)),
    place,
  }))
}

function at<T>(place: Place, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new GrammarError(`'${place.at(-1)}' cannot be enforced: ${error.message}`, place)
  }
}
