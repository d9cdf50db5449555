import { quote } from '../gbnf/quote.ts'
import type { Rules } from '../gbnf/rules.ts'
import { GrammarError, type Place } from '../grammar-error.ts'
import { alternatives, type Conjunction } from './alternatives.ts'
import { anyValue } from './any-value.ts'
import { arrayBody } from './array-body.ts'
import { constants } from './constants.ts'
import { integerBody, numberBody } from './number-body.ts'
import { objectBody } from './object-body.ts'
import { keyword, type Source } from './source.ts'
import { stringBody } from './string-body.ts'
import { declaredTypes, impliedTypes, type JsonType } from './types.ts'

/** What could rule out a constant; filtering them by it is left to who writes the schema. */
const constraining = [
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
]

/** Turns schemas into rules; a schema that was compiled already, or is being compiled, is referred to. */
export class Compiler {
  readonly rules: Rules
  readonly #root: unknown
  readonly #names = new Map<string, string>()

  constructor(rules: Rules, root: unknown) {
    this.rules = rules
    this.#root = root
  }

  /** The rule for values that satisfy all of the schemas; `place` is where to point when there are none. */
  rule(sources: readonly Source[], place: Place): string {
    const names = alternatives(this.#root, sources).map((each) => this.#conjunctionRule(each, place))
    const [only] = names
    if (only === undefined) throw new GrammarError('no value is possible here', place)
    return names.length === 1 ? only : this.rules.add('either', [...new Set(names)].join(' | '))
  }

  /** Whether the schemas allow no value at all, as `false` does. */
  isImpossible(sources: readonly Source[]): boolean {
    return alternatives(this.#root, sources).length === 0
  }

  #conjunctionRule(sources: Conjunction, place: Place): string {
    const key = JSON.stringify(sources.map((source) => source.place))
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = this.rules.reserve(String(sources.at(-1)?.place.findLast((part) => typeof part === 'string') ?? 'any'))
    this.#names.set(key, name)
    this.rules.define(name, this.#body(sources, sources[0]?.place ?? place))
    return name
  }

  #body(sources: Conjunction, place: Place): string {
    const values = constants(sources)
    if (values !== undefined) return constantsBody(sources, values)
    const types = declaredTypes(sources) ?? impliedTypes(sources)
    if (keyword(sources, 'type').length > 0 && types.length === 0) throw new GrammarError('no type is possible', place)
    if (types.length === 0) return anyValue(this.rules)
    return types.map((type) => this.rules.add(type, this.#typeBody(type, sources))).join(' | ')
  }

  #typeBody(type: JsonType, sources: Conjunction): string {
    switch (type) {
      case 'null':
        return '"null"'
      case 'boolean':
        return '"true" | "false"'
      case 'integer':
        return integerBody(sources)
      case 'number':
        return numberBody(sources)
      case 'string':
        return stringBody(this.rules, sources)
      case 'array':
        return arrayBody(this, sources)
      case 'object':
        return objectBody(this, sources)
    }
  }
}

function constantsBody(sources: Conjunction, values: readonly unknown[]): string {
  for (const name of constraining) {
    const [first] = keyword(sources, name)
    if (first !== undefined) throw new GrammarError(`'${name}' cannot be enforced beside constants`, first.place)
  }
  const [first] = [...keyword(sources, 'enum'), ...keyword(sources, 'const')]
  if (values.length === 0) throw new GrammarError('no value is possible here', first?.place)
  return values.map((value) => quote(JSON.stringify(value))).join(' | ')
}
