import { quote } from '../gbnf/quote.ts'
import type { Rules } from '../gbnf/rules.ts'
import { charsOf, complement } from '../pattern/char-set.ts'
import { jsonChar } from '../pattern/json-chars.ts'
import { anyChar } from './any-value.ts'

/** The rule for a property name, as a JSON string, that is none of `names`. */
export function otherName(rules: Rules, names: readonly string[]): string {
  return rules.add(
    'other-name',
    `"\\"" ${notThese(
      rules,
      names.map((name) => Array.from(name)),
    )} "\\""`,
  )
}

/** Texts that go on otherwise than all of `rests` at some character, or that end where none of them ends. */
function notThese(rules: Rules, rests: readonly (readonly string[])[]): string {
  const byFirst = Map.groupBy(
    rests.filter((rest) => rest.length > 0),
    (rest) => rest[0] ?? '',
  )
  const chars = [...byFirst.keys()]
  const other = jsonChar(complement(charsOf(chars.join(''))))
  const options = [
    ...(rests.every((rest) => rest.length > 0) ? ['""'] : []),
    ...(other === undefined ? [] : [`(${other}) ${anyChar(rules)}*`]),
    ...[...byFirst].map(
      ([char, below]) =>
        `${jsonText(char)} ${notThese(
          rules,
          below.map((rest) => rest.slice(1)),
        )}`,
    ),
  ]
  return rules.add('other', options.join(' | '))
}

function jsonText(char: string): string {
  return quote(JSON.stringify(char).slice(1, -1))
}
