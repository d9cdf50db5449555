import type { Rules } from '../gbnf/rules.ts'

/** Room for pretty-printed JSON, and no more: small models write blanks without end where they may. */
export function space(rules: Rules): string {
  return rules.add('space', '"" | " " | "\\n" " "{0,16}')
}

/** Between a property's name and its value. */
export const colon = '":" " "?'
