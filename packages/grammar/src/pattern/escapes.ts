import { type CharSet, charSet, charsOf, complement } from './char-set.ts'

const digit = charSet([[0x30, 0x39]])
const word = charSet([...digit, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]])
/** ECMAScript's white space and line ends. */
const space = charSet([...charsOf('\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'), [0x2000, 0x200a]])
/** `\d` and its kind. */
export const classEscapes: Readonly<Record<string, CharSet>> = {
  d: digit,
  D: complement(digit),
  w: word,
  W: complement(word),
  s: space,
  S: complement(space),
}
export const charEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }
/** What `.` does not match. */
export const lineEnds = charsOf('\n\r\u2028\u2029')
