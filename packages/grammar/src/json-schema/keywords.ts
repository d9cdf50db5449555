import { GrammarError } from '../grammar-error.ts'
import { isObject, type Source } from './source.ts'

/** They say nothing about which values are valid. */
const annotations = new Set([
  ...['title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$comment', '$schema', '$defs', 'definitions'],
])

/** Worked out by `alternatives.ts`. */
const combining = new Set(['$ref', 'allOf', 'anyOf', 'oneOf'])

/** Each of these is enforced by the file of its type. */
const enforced = new Set([
  ...['type', 'enum', 'const'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
])

const hints: Readonly<Record<string, string>> = {
  nullable: "write the type as a list with 'null' instead",
  additionalItems: "write a tuple with 'prefixItems' and 'items' instead",
  dependencies: 'describe the cases with anyOf instead',
  if: 'describe the cases with anyOf instead',
  not: 'describe what is allowed instead',
}

/** Refuses keywords that a grammar cannot enforce, by name: an ignored one would be a promise that is not kept. */
export function checkKeywords({ value, place }: Source): void {
  if (!isObject(value)) throw new GrammarError('a schema must be an object or a boolean', place)
  for (const name of Object.keys(value)) {
    if (annotations.has(name) || combining.has(name) || enforced.has(name) || name.startsWith('x-')) continue
    if (name === '$id' && place.length === 0) continue
    const hint = Object.hasOwn(hints, name) ? `; ${hints[name]}` : ''
    throw new GrammarError(`'${name}' cannot be enforced${hint}`, [...place, name])
  }
}

/** Whether a schema says anything beside what it refers to and combines. */
export function saysSomething({ value }: Source): boolean {
  return isObject(value) && Object.keys(value).some((name) => enforced.has(name))
}
