import { isDeepStrictEqual } from 'node:util'
import { constants } from './constants.ts'
import { isObject, keyword, type Source } from './source.ts'
import { declaredTypes, type JsonType } from './types.ts'

/**
 * Whether it is certain that no value satisfies both: other types, other constants, or a property that tells them
 * apart. False where that cannot be seen.
 */
export function areDisjoint(a: readonly Source[], b: readonly Source[]): boolean {
  return haveOtherTypes(a, b) || haveOtherConstants(a, b) || areToldApart(a, b) || areToldApart(b, a)
}

function haveOtherTypes(a: readonly Source[], b: readonly Source[]): boolean {
  const [left, right] = [declaredTypes(a), declaredTypes(b)]
  if (left === undefined || right === undefined) return false
  return left.every((type) => right.every((other) => !overlap(type, other)))
}

function overlap(a: JsonType, b: JsonType): boolean {
  const numeric = (type: JsonType) => type === 'number' || type === 'integer'
  return a === b || (numeric(a) && numeric(b))
}

function haveOtherConstants(a: readonly Source[], b: readonly Source[]): boolean {
  const [left, right] = [constants(a), constants(b)]
  if (left === undefined || right === undefined) return false
  return left.every((value) => right.every((other) => !isDeepStrictEqual(value, other)))
}

/** Both are objects, and a property that `a` requires is missing in `b`, which is closed, or has other values there. */
function areToldApart(a: readonly Source[], b: readonly Source[]): boolean {
  if (!isOnlyObject(a) || !isOnlyObject(b)) return false
  return requiredNames(a).some((name) => {
    const [left, right] = [propertySchemas(a, name), propertySchemas(b, name)]
    if (right.length === 0) return isClosed(b)
    return haveOtherTypes(left, right) || haveOtherConstants(left, right)
  })
}

function isOnlyObject(sources: readonly Source[]): boolean {
  const types = declaredTypes(sources)
  return types !== undefined && types.every((type) => type === 'object')
}

function isClosed(sources: readonly Source[]): boolean {
  return keyword(sources, 'additionalProperties').some(({ value }) => value === false)
}

function requiredNames(sources: readonly Source[]): string[] {
  return keyword(sources, 'required').flatMap(({ value }) =>
    Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [],
  )
}

function propertySchemas(sources: readonly Source[], name: string): Source[] {
  return keyword(sources, 'properties').flatMap(({ value, place }) =>
    isObject(value) && Object.hasOwn(value, name) ? [{ value: value[name], place: [...place, name] }] : [],
  )
}
