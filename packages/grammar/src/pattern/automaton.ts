import { type CharSet, charSet, complement, intersection } from './char-set.ts'
import { jsonChars } from './json-chars.ts'
import { PatternError } from './parse-pattern.ts'
import type { Pattern } from './pattern.ts'

/** What reads a text character by character and says whether it may end. States are compared by their key. */
export type Automaton<State> = {
  start: State
  key: (state: State) => string
  accepts: (state: State) => boolean
  /** Where the characters lead, as disjoint sets; what is in none of them is not allowed. */
  steps: (state: State) => { set: CharSet; next: State }[]
}

const statesLimit = 4000

type Edge = { set: CharSet | undefined; to: number }

/** Texts that match the pattern. Thompson's construction, determinised on the way: a state is a set of positions. */
export function patternAutomaton(pattern: Pattern): Automaton<readonly number[]> {
  const edges: Edge[][] = []
  const end = addState(edges)
  const begin = connect(edges, pattern, end)
  return {
    start: closure(edges, [begin]),
    key: (state) => state.join(' '),
    accepts: (state) => state.includes(end),
    steps: (state) => {
      const moves = state.flatMap((from) => edges[from] ?? [])
      return split(moves).map(({ set, targets }) => ({ set, next: closure(edges, targets) }))
    },
  }
}

/** Texts of `min` to `max` characters. */
export function lengthAutomaton({ min, max }: { min: number; max: number | undefined }): Automaton<number> {
  const last = max ?? min
  return {
    start: 0,
    key: String,
    accepts: (length) => length >= min,
    steps: (length) => {
      if (length < last) return [{ set: jsonChars, next: length + 1 }]
      return max === undefined ? [{ set: jsonChars, next: length }] : []
    },
  }
}

function addState(edges: Edge[][]): number {
  if (edges.length >= statesLimit) throw new PatternError('it is too large to be combined with other keywords')
  return edges.push([]) - 1
}

/** Adds states that match the pattern and then go on at `to`; returns the first of them. */
function connect(edges: Edge[][], pattern: Pattern, to: number): number {
  switch (pattern.kind) {
    case 'chars':
      return addWith(edges, [{ set: intersection(pattern.set, jsonChars), to }])
    case 'sequence':
      return pattern.items.reduceRight((next, item) => connect(edges, item, next), to)
    case 'choice':
      return addWith(
        edges,
        pattern.options.map((option) => ({ set: undefined, to: connect(edges, option, to) })),
      )
    case 'repeat':
      return connectRepeat(edges, pattern, to)
  }
}

function connectRepeat(edges: Edge[][], pattern: Extract<Pattern, { kind: 'repeat' }>, to: number): number {
  const { item, min, max } = pattern
  let next = to
  if (max === undefined) {
    next = addWith(edges, [{ set: undefined, to }])
    edges[next]?.push({ set: undefined, to: connect(edges, item, next) })
  }
  for (let count = min; count < (max ?? min); count++) {
    next = addWith(edges, [
      { set: undefined, to },
      { set: undefined, to: connect(edges, item, next) },
    ])
  }
  for (let count = 0; count < min; count++) next = connect(edges, item, next)
  return next
}

function addWith(edges: Edge[][], own: Edge[]): number {
  const state = addState(edges)
  edges[state] = own
  return state
}

function closure(edges: Edge[][], states: readonly number[]): number[] {
  const seen = new Set(states)
  for (const state of seen) for (const { set, to } of edges[state] ?? []) if (set === undefined) seen.add(to)
  return [...seen].sort((a, b) => a - b)
}

/** The moves again, by disjoint sets of characters, each with all the targets it leads to. */
function split(moves: readonly Edge[]): { set: CharSet; targets: number[] }[] {
  let parts: { set: CharSet; targets: number[] }[] = []
  for (const { set, to } of moves) {
    if (set === undefined) continue
    const rest = parts.reduce((left, part) => intersection(left, complement(part.set)), set)
    parts = parts.flatMap((part) => [
      { set: intersection(part.set, set), targets: [...part.targets, to] },
      { set: intersection(part.set, complement(set)), targets: part.targets },
    ])
    parts = [...parts, { set: charSet(rest), targets: [to] }].filter((part) => part.set.length > 0)
  }
  return parts
}
