import { repeat } from '../gbnf/repeat.ts'
import { GrammarError } from '../grammar-error.ts'
import type { Compiler } from './compiler.ts'
import { count, keyword, keywordValues, type Source } from './source.ts'
import { space } from './space.ts'

/** Arrays that satisfy all of the schemas. */
export function arrayBody(compiler: Compiler, sources: readonly Source[]): string {
  const { rules } = compiler
  refuseUnique(sources)
  const prefixLength = Math.max(0, ...prefixes(sources).map((list) => list.length))
  const min = Math.max(0, ...keywordValues(sources, 'minItems', count).map(({ value }) => value))
  const max = mostItems(compiler, sources, prefixLength)
  if (min > max)
    throw new GrammarError("'minItems' asks for more items than are possible", placeOf(sources, 'minItems'))
  const ws = space(rules)
  const item = (index: number) => compiler.rule(itemSchemas(sources, index), placeOf(sources, 'items'))
  const rest = (from: number): string => {
    if (from >= max) return ''
    const comma = from > 0 ? `"," ${ws} ` : ''
    if (from >= prefixLength && from > 0) {
      const next = rules.add('next', `"," ${ws} ${item(from)}`)
      return repeat(rules, next, { min: Math.max(0, min - from), max: max === Infinity ? undefined : max - from })
    }
    const first = `${comma}${item(from)} ${rest(from + 1)}`
    return from < min ? first : `(${first})?`
  }
  const items = rest(0)
  return items === '' ? `"[" ${ws} "]"` : `"[" ${ws} ${items} ${ws} "]"`
}

/** For each schema that has them, its `prefixItems`. */
function prefixes(sources: readonly Source[]): Source[][] {
  return keyword(sources, 'prefixItems').map(({ value, place }) => {
    if (!Array.isArray(value)) throw new GrammarError("'prefixItems' must be a list of schemas", place)
    return value.map((item: unknown, index) => ({ value: item, place: [...place, index] }))
  })
}

/** What the item at this index has to satisfy. */
function itemSchemas(sources: readonly Source[], index: number): Source[] {
  return sources.flatMap((source) => {
    const [list = []] = prefixes([source])
    const own = list[index]
    if (own !== undefined) return [own]
    const [items] = keyword([source], 'items')
    if (items !== undefined && Array.isArray(items.value)) {
      throw new GrammarError("'items' must be a schema; write a tuple with 'prefixItems'", items.place)
    }
    return items === undefined ? [] : [items]
  })
}

/** The smallest `maxItems`, and no more than come before the first item for which there is no value. */
function mostItems(compiler: Compiler, sources: readonly Source[], prefixLength: number): number {
  const limits = keywordValues(sources, 'maxItems', count).map(({ value }) => value)
  const impossible = Array.from({ length: prefixLength + 1 }, (_, index) => index).filter((index) =>
    compiler.isImpossible(itemSchemas(sources, index)),
  )
  return Math.min(Infinity, ...limits, ...impossible)
}

function refuseUnique(sources: readonly Source[]): void {
  for (const { value, place } of keyword(sources, 'uniqueItems')) {
    if (value !== false) throw new GrammarError("'uniqueItems' cannot be enforced", place)
  }
}

function placeOf(sources: readonly Source[], name: string) {
  return keyword(sources, name)[0]?.place ?? sources[0]?.place ?? []
}
