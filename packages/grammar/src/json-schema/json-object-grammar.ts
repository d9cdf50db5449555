import { Rules } from '../gbnf/rules.ts'
import { anyObject } from './any-value.ts'

/** A GBNF grammar for any JSON object. */
export function jsonObjectGrammar(): string {
  const rules = new Rules()
  rules.reserve('root')
  rules.define('root', anyObject(rules))
  return rules.text()
}
