import { GrammarError } from '../grammar-error.ts'
import type { Compiler } from './compiler.ts'
import { count, isObject, keyword, keywordValues, object, type Source, texts } from './source.ts'

/** A declared property, with the rule for its value. */
export type Member = { name: string; rule: string; required: boolean }

/** The properties that objects of all the schemas can have, in the order of their declaration. */
export function members(compiler: Compiler, sources: readonly Source[]): Member[] {
  const required = keywordValues(sources, 'required', texts)
  const requiredNames = required.flatMap(({ value }) => value)
  const declared = keywordValues(sources, 'properties', object).flatMap(({ value }) => Object.keys(value))
  return [...new Set([...declared, ...requiredNames])].flatMap((name): Member[] => {
    const schemas = propertySchemas(sources, name)
    const isRequired = requiredNames.includes(name)
    if (!compiler.isImpossible(schemas)) {
      return [{ name, rule: compiler.rule(schemas, schemas[0]?.place ?? []), required: isRequired }]
    }
    if (!isRequired) return []
    throw new GrammarError(`the property '${name}' is required and not allowed`, required[0]?.place)
  })
}

/** What the property has to satisfy: of each schema its declaration, or else what it says of undeclared ones. */
function propertySchemas(sources: readonly Source[], name: string): Source[] {
  return sources.flatMap((source) => {
    const own = keyword([source], 'properties').flatMap(({ value, place }) =>
      isObject(value) && Object.hasOwn(value, name) ? [{ value: value[name], place: [...place, name] }] : [],
    )
    return own.length > 0 ? own : keyword([source], 'additionalProperties')
  })
}

/** The number of members is not counted: the bounds are accepted where every object that is written satisfies them. */
export function checkMemberCount(sources: readonly Source[], declared: readonly Member[], hasOthers: boolean): void {
  const fewest = declared.filter(({ required }) => required).length
  const most = hasOthers ? Infinity : declared.length
  for (const { value, place } of keywordValues(sources, 'minProperties', count)) {
    if (value > fewest) throw new GrammarError("'minProperties' cannot be enforced; use 'required'", place)
  }
  for (const { value, place } of keywordValues(sources, 'maxProperties', count)) {
    if (value < most) throw new GrammarError("'maxProperties' cannot be enforced", place)
  }
}
