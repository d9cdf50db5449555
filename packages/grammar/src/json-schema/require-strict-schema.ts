import { isDeepStrictEqual } from 'node:util'
import { GrammarError, type Place } from '../grammar-error.ts'
import { isObject, type SchemaObject } from './source.ts'

/** Keywords that hold one schema, a list of them, or schemas by name. */
const single = ['items', 'additionalProperties']
const lists = ['anyOf', 'allOf', 'oneOf', 'prefixItems']
const byName = ['properties', '$defs', 'definitions']

/**
 * What OpenAI asks of a schema in strict mode: an object at the root, and of each object that it is closed and that all
 * its properties are required (an optional one may be null instead).
 * https://platform.openai.com/docs/guides/structured-outputs
 *
 * @throws GrammarError
 */
export function requireStrictSchema(schema: unknown): void {
  if (!isObject(schema) || (schema.type !== 'object' && !('$ref' in schema))) {
    throw new GrammarError("in strict mode the schema must be of type 'object'", ['type'])
  }
  visit(schema, [])
}

function visit(schema: unknown, place: Place): void {
  if (!isObject(schema)) return
  if (isObject(schema.properties) || isObjectType(schema.type)) checkObject(schema, place)
  for (const name of single) visit(schema[name], [...place, name])
  for (const name of lists) {
    const list: unknown = schema[name]
    if (Array.isArray(list)) for (const [index, item] of list.entries()) visit(item, [...place, name, index])
  }
  for (const name of byName) {
    const schemas = schema[name]
    if (isObject(schemas)) for (const [key, item] of Object.entries(schemas)) visit(item, [...place, name, key])
  }
}

function isObjectType(type: unknown): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'))
}

function checkObject(schema: SchemaObject, place: Place): void {
  if (schema.additionalProperties !== false) {
    throw new GrammarError("in strict mode 'additionalProperties' must be false", [...place, 'additionalProperties'])
  }
  const names = isObject(schema.properties) ? Object.keys(schema.properties).toSorted() : []
  const required: unknown = schema.required ?? []
  if (!Array.isArray(required) || !isDeepStrictEqual([...new Set(required)].toSorted(), names)) {
    const message = "in strict mode 'required' must name every property; make optional ones nullable instead"
    throw new GrammarError(message, [...place, 'required'])
  }
}
