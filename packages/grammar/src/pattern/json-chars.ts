import { quoteClass } from '../gbnf/quote.ts'
import { type CharSet, charSet, charsOf, complement, hasChar, intersection } from './char-set.ts'

/** Characters that a JSON string holds as `\n` and the like. */
const escapes: readonly [string, string][] = [
  ['"', '"'],
  ['\\', '\\'],
  ['\n', 'n'],
  ['\t', 't'],
  ['\r', 'r'],
  ['\f', 'f'],
  ['\b', 'b'],
]

/**
 * Characters that stand for themselves in a JSON string: no controls, and no surrogates, since `\ud800` alone has no
 * UTF-8 form. `\uXXXX` is never written: with it one character could be two of the grammar's, and lengths would be wrong.
 */
const plain: CharSet = intersection(
  charSet([
    [0x20, 0x7e],
    [0xa0, 0xd7ff],
    [0xe000, 0x10ffff],
  ]),
  complement(charsOf('"\\')),
)

/** All characters that the strings of our grammars can hold. */
export const jsonChars: CharSet = charSet([...plain, ...charsOf(escapes.map(([char]) => char).join(''))])

/** One character of the set as it is written inside a JSON string; undefined where no such character can be. */
export function jsonChar(set: CharSet): string | undefined {
  const raw = intersection(set, plain)
  const escaped = escapes.filter(([char]) => hasChar(set, char.codePointAt(0) ?? 0))
  const letters = charsOf(escaped.map(([, letter]) => letter).join(''))
  const options = [
    ...(raw.length > 0 ? [quoteClass(raw)] : []),
    ...(letters.length > 0 ? [`"\\\\" ${quoteClass(letters)}`] : []),
  ]
  return options.length > 0 ? options.join(' | ') : undefined
}
