import { Rules } from '../gbnf/rules.ts'
import { Compiler } from './compiler.ts'

/**
 * A GBNF grammar, for llama.cpp, whose texts are JSON that satisfies the schema (draft 2020-12). It need not be able to
 * write every valid text: properties come in the order of their declaration, blanks are few, numbers have at most 15
 * digits.
 *
 * @throws GrammarError for what cannot be enforced, with the place of the keyword; nothing is ever ignored.
 */
export function compileJsonSchema(schema: unknown): string {
  const rules = new Rules()
  rules.reserve('root')
  rules.define('root', new Compiler(rules, schema).rule([{ value: schema, place: [] }], []))
  return rules.text()
}
