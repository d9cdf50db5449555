import type { ChatTurn } from '@millrace/contracts/jobs'
import { fingerprint, scramble } from './fingerprint.ts'

/** Pieces of text with what breaks naive code: quotes, line ends, other scripts, a line separator of Unicode. */
const words = [
  ' mill',
  ' wheel',
  ' water',
  ' turns',
  ' grain',
  ' stone',
  ' river',
  ' slowly',
  ' the',
  ' and',
  ',',
  '.',
  ' "race"',
  '\n',
  ' мельница',
  ' 水車',
  '\u2028',
  ' data: ',
]

/** A character of two tokens, as in a byte-pair vocabulary: nothing can be shown until the second one. */
const firstHalf = words.length
const secondHalf = words.length + 1
const wholeCharacter = '🌊'

/** Every so many tokens, the last two are the halves. */
const period = 16

/** The endless answer to a chat: any token of it can be had without the ones before. */
export type Script = { tokenAt(position: number): number }

export function scriptFor(messages: readonly ChatTurn[]): Script {
  const seed = messages.reduce((hash, { role, text }) => fingerprint(text, fingerprint(role, hash)), 0)
  return { tokenAt: (position) => tokenAt(seed, position) }
}

function tokenAt(seed: number, position: number): number {
  const place = position % period
  if (place === period - 2) return firstHalf
  if (place === period - 1) return secondHalf
  return scramble(seed + position) % words.length
}

/** The text that becomes complete with a token. */
export function pieceOf(token: number): string {
  if (token === secondHalf) return wholeCharacter
  return words[token] ?? ''
}

/** The text of the first `count` tokens of the answer to `messages`: what a generation must give, character for character. */
export function scriptedText(job: { messages: readonly ChatTurn[] }, count: number): string {
  const script = scriptFor(job.messages)
  return Array.from({ length: count }, (_, position) => pieceOf(script.tokenAt(position))).join('')
}
