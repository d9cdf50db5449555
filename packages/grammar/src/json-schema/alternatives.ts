import { GrammarError, type Place } from '../grammar-error.ts'
import { areDisjoint } from './are-disjoint.ts'
import { checkKeywords, saysSomething } from './keywords.ts'
import { resolveReference } from './resolve-reference.ts'
import { keyword, listItems, type Source } from './source.ts'

/** Schemas that hold at once; `$ref`, `allOf`, `anyOf` and `oneOf` in them are already worked out. */
export type Conjunction = readonly Source[]

const alternativesLimit = 200

/**
 * The values that satisfy all of `sources`, as a list of alternatives of which a value satisfies at least one: what
 * stands beside an `anyOf` is part of each of its branches. No alternative: no value is possible.
 */
export function alternatives(root: unknown, sources: readonly Source[], chain: readonly string[] = []): Conjunction[] {
  return sources.reduce<Conjunction[]>((left, source) => cross(left, ofSource(root, source, chain), source.place), [[]])
}

function ofSource(root: unknown, source: Source, chain: readonly string[]): Conjunction[] {
  if (source.value === true) return [[]]
  if (source.value === false) return []
  checkKeywords(source)
  const key = JSON.stringify(source.place)
  if (chain.includes(key)) throw new GrammarError('a schema refers to itself with nothing in between', source.place)
  const below = [...chain, key]
  const parts: Conjunction[][] = [
    [saysSomething(source) ? [source] : []],
    ...keyword([source], '$ref').map((ref) => alternatives(root, [resolveReference(root, ref)], below)),
    ...keyword([source], 'allOf').map((all) => alternatives(root, listItems(all, 'allOf'), below)),
    ...keyword([source], 'anyOf').map((any) => unionOf(root, listItems(any, 'anyOf'), below)),
    ...keyword([source], 'oneOf').map((one) => exclusiveUnionOf(root, one, below)),
  ]
  return parts.reduce((left, right) => cross(left, right, source.place))
}

function unionOf(root: unknown, branches: readonly Source[], chain: readonly string[]): Conjunction[] {
  return branches.flatMap((branch) => alternatives(root, [branch], chain))
}

/** Exactly one branch may match, so that a value made for one must be known not to match another. */
function exclusiveUnionOf(root: unknown, one: Source, chain: readonly string[]): Conjunction[] {
  const branches = listItems(one, 'oneOf').map((branch) => alternatives(root, [branch], chain))
  for (const [index, branch] of branches.entries()) {
    const others = branches.slice(index + 1).flat()
    if (branch.every((a) => others.every((b) => areDisjoint(a, b)))) continue
    throw new GrammarError(
      "'oneOf' cannot be enforced, since its branches are not clearly exclusive; give them a property with different constants, or use anyOf",
      one.place,
    )
  }
  return branches.flat()
}

function cross(left: readonly Conjunction[], right: readonly Conjunction[], place: Place): Conjunction[] {
  if (left.length * right.length > alternativesLimit) throw new GrammarError('it has too many combinations', place)
  return left.flatMap((a) => right.map((b) => distinct([...a, ...b])))
}

function distinct(sources: Conjunction): Conjunction {
  return [...new Map(sources.map((source) => [JSON.stringify(source.place), source])).values()]
}
