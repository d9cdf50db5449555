import type { Rules } from './rules.ts'

/** llama.cpp refuses counts above 2,000, or reads them as "any number". */
const blockLength = 500

/**
 * `item` from `min` to `max` times (any number when undefined). `item` is the name of a rule, or a terminal. Large
 * counts are built of blocks.
 */
export function repeat(rules: Rules, item: string, { min, max }: { min: number; max: number | undefined }): string {
  const parts = [exactly(rules, item, min), max === undefined ? `${item}*` : upTo(rules, item, max - min)]
  return parts.filter((part) => part !== '').join(' ')
}

function exactly(rules: Rules, item: string, count: number): string {
  if (count === 0) return ''
  if (count === 1) return item
  if (count <= 2 * blockLength) return `${item}{${count}}`
  const block = rules.add('block', `${item}{${blockLength}}`)
  const blocks = Math.floor(count / blockLength)
  return `${exactly(rules, block, blocks)} ${exactly(rules, item, count - blocks * blockLength)}`.trim()
}

function upTo(rules: Rules, item: string, count: number): string {
  if (count === 0) return ''
  if (count === 1) return `${item}?`
  if (count <= 2 * blockLength) return `${item}{0,${count}}`
  // Whole blocks, then a last part that may be as long as a block and what remains: every length is reached.
  const block = rules.add('block', `${item}{${blockLength}}`)
  const blocks = Math.floor(count / blockLength) - 1
  return `${upTo(rules, block, blocks)} ${item}{0,${count - blocks * blockLength}}`
}
