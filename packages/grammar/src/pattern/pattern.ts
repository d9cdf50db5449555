import type { CharSet } from './char-set.ts'

/** A regular expression, as a tree. */
export type Pattern =
  | { kind: 'chars'; set: CharSet }
  | { kind: 'sequence'; items: readonly Pattern[] }
  | { kind: 'choice'; options: readonly Pattern[] }
  | { kind: 'repeat'; item: Pattern; min: number; max: number | undefined }

/** Whether the empty text matches. */
export function isNullable(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'chars':
      return false
    case 'sequence':
      return pattern.items.every(isNullable)
    case 'choice':
      return pattern.options.some(isNullable)
    case 'repeat':
      return pattern.min === 0 || isNullable(pattern.item)
  }
}
