import { quote } from '../gbnf/quote.ts'
import type { Rules } from '../gbnf/rules.ts'
import { GrammarError, type Place } from '../grammar-error.ts'
import { anyObject, anyString } from './any-value.ts'
import type { Compiler } from './compiler.ts'
import { checkMemberCount, type Member, members } from './members.ts'
import { otherName } from './other-name.ts'
import { keyword, keywordValues, object, type Source } from './source.ts'
import { colon, space } from './space.ts'

/**
 * Objects that satisfy all of the schemas. Declared properties come in the order in which they were declared; then, when
 * `additionalProperties` describes them, any number of others.
 */
export function objectBody(compiler: Compiler, sources: readonly Source[]): string {
  const { rules } = compiler
  const declared = members(compiler, sources)
  const others = additional(compiler, sources, declared)
  checkMemberCount(sources, declared, others !== undefined)
  if (others === 'any' && declared.length === 0) return anyObject(rules)
  const ws = space(rules)
  const other = others === 'any' ? undefined : others
  const body = memberList(compiler, declared, other)
  return body === '' ? `"{" ${ws} "}"` : `"{" ${ws} ${body} ${ws} "}"`
}

/**
 * The members from each position on: `first` when none was written yet, `next` when a comma is due. Two rules for each
 * position, so that the grammar grows with the number of properties and not with that of their combinations.
 */
function memberList(compiler: Compiler, declared: readonly Member[], other: string | undefined): string {
  const { rules } = compiler
  const comma = `"," ${space(rules)}`
  let next = other === undefined ? '' : `(${comma} ${other})*`
  let first = other === undefined ? '' : `(${other} ${next})?`
  for (const { name, rule, required } of declared.toReversed()) {
    const member = `${quote(JSON.stringify(name))} ${colon} ${rule}`
    const following = next === '' ? '' : rules.add(`after-${name}`, next)
    const own = `${member} ${following}`.trim()
    const later = first === '' ? '""' : first
    next = required ? `${comma} ${own}` : `${comma} ${own} | ${following || '""'}`
    first = required ? own : `${own} | ${rules.add(`from-${name}`, later)}`
  }
  return first === '' ? '' : rules.add('members', first)
}

/**
 * One member that is not declared; 'any' when nothing is said about them, undefined when there may be none. Where
 * `additionalProperties` is `true` or absent beside declared properties, none is written: that is always valid.
 */
function additional(compiler: Compiler, sources: readonly Source[], declared: readonly Member[]) {
  const said = keyword(sources, 'additionalProperties')
  const names = keywordValues(sources, 'propertyNames', object)
  if (said.some(({ value }) => value === false)) return undefined
  const schemas = said.filter(({ value }) => value !== true)
  if (schemas.length === 0 && names.length === 0) return 'any'
  if (compiler.isImpossible(schemas)) return undefined
  const { rules } = compiler
  const name = names.length > 0 ? propertyName(compiler, names, declared) : keyRule(rules, declared)
  return rules.add('member', `${name} ${colon} ${compiler.rule(schemas, placeOf(said))}`)
}

/** The rule for the names of other members; `propertyNames` is about strings, whether it says so or not. */
function propertyName(compiler: Compiler, names: readonly Source[], declared: readonly Member[]): string {
  if (declared.length > 0) {
    throw new GrammarError("'propertyNames' cannot be enforced beside 'properties'", placeOf(names))
  }
  const isString: Source = { value: { type: 'string' }, place: [...placeOf(names), '(string)'] }
  return compiler.rule([...names, isString], placeOf(names))
}

function keyRule(rules: Rules, declared: readonly Member[]): string {
  return declared.length === 0
    ? anyString(rules)
    : otherName(
        rules,
        declared.map(({ name }) => name),
      )
}

function placeOf(sources: readonly Source[]): Place {
  return sources[0]?.place ?? []
}
