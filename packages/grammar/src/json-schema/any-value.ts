import type { Rules } from '../gbnf/rules.ts'
import { everyChar } from '../pattern/char-set.ts'
import { jsonChar } from '../pattern/json-chars.ts'
import { colon, space } from './space.ts'

/** Any JSON value. */
export function anyValue(rules: Rules): string {
  // Rules that refer to each other: one is named before it is defined. No hint becomes a name with two hyphens.
  const value = 'json--value'
  if (rules.has(value)) return value
  rules.define(value, '')
  const number = rules.add('decimal', '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [+-]? [0-9]{1,2})?')
  const simple = ['"null"', '"true"', '"false"', number, anyString(rules)]
  rules.define(value, [...simple, anyArray(rules, value), anyObject(rules, value)].join(' | '))
  return value
}

/** Any JSON object. */
export function anyObject(rules: Rules, value = anyValue(rules)): string {
  const ws = space(rules)
  const member = rules.add('member', `${anyString(rules)} ${colon} ${value}`)
  return rules.add('any-object', `"{" ${ws} (${member} ("," ${ws} ${member})* ${ws})? "}"`)
}

/** Any JSON string. */
export function anyString(rules: Rules): string {
  return rules.add('any-string', `"\\"" ${anyChar(rules)}* "\\""`)
}

/** One character of a JSON string. */
export function anyChar(rules: Rules): string {
  return rules.add('char', jsonChar(everyChar) ?? '')
}

function anyArray(rules: Rules, value: string): string {
  const ws = space(rules)
  return rules.add('any-array', `"[" ${ws} (${value} ("," ${ws} ${value})* ${ws})? "]"`)
}
