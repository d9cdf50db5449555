/** A grammar as it was parsed: the alternatives of each rule. */
export type Gbnf = ReadonlyMap<string, Choice>

/** One of these sequences. */
export type Choice = readonly (readonly Term[])[]

export type Term =
  /** A text, one terminal for each of its characters. */
  | { kind: 'text'; codes: readonly number[] }
  | { kind: 'class'; negated: boolean; ranges: readonly (readonly [number, number])[] }
  | { kind: 'any' }
  | { kind: 'rule'; name: string }
  | { kind: 'group'; choice: Choice }
  | { kind: 'repeat'; item: Term; min: number; max: number | undefined }
