import { isDeepStrictEqual } from 'node:util'
import { GrammarError } from '../grammar-error.ts'
import { keyword, type Source } from './source.ts'
import { declaredTypes, hasType } from './types.ts'

/** The values that `enum` and `const` leave, of those that `type` allows; undefined when neither is given. */
export function constants(sources: readonly Source[]): unknown[] | undefined {
  const lists = [...keyword(sources, 'const').map(({ value }) => [value]), ...keyword(sources, 'enum').map(enumValues)]
  const [first, ...others] = lists
  if (first === undefined) return undefined
  const types = declaredTypes(sources)
  return first.filter(
    (value) =>
      others.every((list) => list.some((other) => isDeepStrictEqual(value, other))) &&
      (types === undefined || types.some((type) => hasType(value, type))),
  )
}

function enumValues({ value, place }: Source): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value
  throw new GrammarError("'enum' must be a list of at least one value", place)
}
