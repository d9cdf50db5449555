import { Failure } from '@millrace/contracts/failures'
import { parameterPath } from '@millrace/contracts/openai'

/** No request of OpenAI's API nests deeper than a few levels; schemas inside tools may, some. */
const depthLimit = 64
/** Names of object properties in one body. Thousands of messages have some ten thousand. */
const namesLimit = 100_000

type Place = { path: readonly PropertyKey[]; seen: { names: number } }

/**
 * Refuses what JSON can carry and no parameter may: nesting without end, more properties than can be checked in a
 * short time, numbers that became infinite (`1e999`), strings with half a character (a lone surrogate has no UTF-8
 * form, so no tokenizer can read it).
 */
export function inspectJson(value: unknown): void {
  inspect(value, { path: [], seen: { names: 0 } })
}

function inspect(value: unknown, place: Place): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) refuse(place.path, 'it has a lone surrogate, which is no valid Unicode')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(place.path, 'the number is too large')
  } else if (typeof value === 'object' && value !== null) {
    if (place.path.length >= depthLimit) refuse(place.path.slice(0, 1), `it is nested over ${depthLimit} levels deep`)
    if (Array.isArray(value)) inspectItems(value, place)
    else inspectProperties(value, place)
  }
}

function inspectItems(items: readonly unknown[], { path, seen }: Place): void {
  for (const [index, item] of items.entries()) {
    // Token arrays are long and harmless: no path is built for an ordinary number.
    if (!Number.isFinite(item)) inspect(item, { path: [...path, index], seen })
  }
}

function inspectProperties(value: object, { path, seen }: Place): void {
  const properties = Object.entries(value)
  seen.names += properties.length
  if (seen.names > namesLimit) refuse([], `it has more than ${namesLimit} properties`)
  for (const [name, item] of properties) {
    if (!name.isWellFormed()) refuse(path, 'a name in it has a lone surrogate, which is no valid Unicode')
    inspect(item, { path: [...path, name], seen })
  }
}

function refuse(path: readonly PropertyKey[], problem: string): never {
  const param = parameterPath(path)
  const place = param === '' ? 'request body' : `'${param}'`
  throw new Failure('invalid_request', `Invalid ${place}: ${problem}.`, param === '' ? {} : { param })
}
