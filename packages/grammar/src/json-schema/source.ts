import { GrammarError, type Place } from '../grammar-error.ts'

/** A schema, or a part of one, with its place in the whole document. */
export type Source = { readonly value: unknown; readonly place: Place }

export type SchemaObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of several schemas that hold at once: what each says under the keyword, where it says something. */
export function keyword(sources: readonly Source[], name: string): Source[] {
  return sources.flatMap(({ value, place }) =>
    isObject(value) && Object.hasOwn(value, name) ? [{ value: value[name], place: [...place, name] }] : [],
  )
}

/** The keyword's values, each of them checked to be what `is` says. */
export function keywordValues<T>(
  sources: readonly Source[],
  name: string,
  [is, expected]: [is: (value: unknown) => value is T, expected: string],
): { value: T; place: Place }[] {
  return keyword(sources, name).map(({ value, place }) => {
    if (!is(value)) throw new GrammarError(`'${name}' must be ${expected}`, place)
    return { value, place }
  })
}

export function listItems({ value, place }: Source, name: string): Source[] {
  if (!Array.isArray(value) || value.length === 0) throw new GrammarError(`'${name}' must be a list of schemas`, place)
  return value.map((item: unknown, index) => ({ value: item, place: [...place, index] }))
}

export const number: [(value: unknown) => value is number, string] = [
  (value): value is number => typeof value === 'number' && Number.isFinite(value),
  'a number',
]
export const count: [(value: unknown) => value is number, string] = [
  (value): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
  'a whole number that is not negative',
]
export const text: [(value: unknown) => value is string, string] = [
  (value): value is string => typeof value === 'string',
  'a string',
]
export const texts: [(value: unknown) => value is string[], string] = [
  (value): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  'a list of strings',
]
export const object: [(value: unknown) => value is SchemaObject, string] = [isObject, 'an object']
