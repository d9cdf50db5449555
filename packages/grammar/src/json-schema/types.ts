import { GrammarError } from '../grammar-error.ts'
import { keyword, type Source } from './source.ts'

export const jsonTypes = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const
export type JsonType = (typeof jsonTypes)[number]

/** What each type's keywords are; a schema without `type` is taken to mean the types it says something about. */
const keywordsOf: Partial<Record<JsonType, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
}

/** The types that all of the schemas allow; undefined when none says anything about it. */
export function declaredTypes(sources: readonly Source[]): readonly JsonType[] | undefined {
  const lists = keyword(sources, 'type').map(typeList)
  if (lists.length === 0) return undefined
  return lists.reduce((left, right) => {
    const common = jsonTypes.filter((type) => allows(left, type) && allows(right, type))
    return common.includes('number') ? common.filter((type) => type !== 'integer') : common
  })
}

/** The types that the schemas' keywords are about. */
export function impliedTypes(sources: readonly Source[]): JsonType[] {
  return jsonTypes.filter((type) => keywordsOf[type]?.some((name) => keyword(sources, name).length > 0))
}

function allows(list: readonly JsonType[], type: JsonType): boolean {
  return list.includes(type) || (type === 'integer' && list.includes('number'))
}

function typeList({ value, place }: Source): JsonType[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.map((name) => {
    const type = jsonTypes.find((each) => each === name)
    if (type === undefined) throw new GrammarError(`'type' must be one of ${jsonTypes.join(', ')}`, place)
    return type
  })
}

/** The type of a value, where whole numbers are both integers and numbers. */
export function hasType(value: unknown, type: JsonType): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}
