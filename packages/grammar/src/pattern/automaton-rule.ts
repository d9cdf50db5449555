import type { Rules } from '../gbnf/rules.ts'
import type { Automaton } from './automaton.ts'
import { intersection } from './char-set.ts'
import { jsonChar } from './json-chars.ts'
import { PatternError } from './parse-pattern.ts'

const statesLimit = 2000

/** Texts that both read. */
export function both<A, B>(a: Automaton<A>, b: Automaton<B>): Automaton<readonly [A, B]> {
  return {
    start: [a.start, b.start],
    key: ([left, right]) => `${a.key(left)}|${b.key(right)}`,
    accepts: ([left, right]) => a.accepts(left) && b.accepts(right),
    steps: ([left, right]) =>
      a.steps(left).flatMap((step) =>
        b.steps(right).flatMap((other) => {
          const set = intersection(step.set, other.set)
          return set.length > 0 ? [{ set, next: [step.next, other.next] as const }] : []
        }),
      ),
  }
}

type Node = { accepts: boolean; steps: { char: string; to: string }[] }

/** A rule for the texts that the automaton reads: one rule for each state from which an end can be reached. */
export function automatonRule<State>(rules: Rules, automaton: Automaton<State>): string {
  const nodes = explore(automaton)
  const live = ending(nodes)
  const first = automaton.key(automaton.start)
  if (!live.has(first)) throw new PatternError('no text satisfies all the keywords')
  const names = new Map([...live].map((key) => [key, rules.reserve('state')]))
  for (const [key, name] of names) {
    const { accepts, steps } = nodes.get(key) ?? { accepts: false, steps: [] }
    const options = steps.flatMap(({ char, to }) => (names.has(to) ? [`(${char}) ${names.get(to)}`] : []))
    rules.define(name, [...options, ...(accepts ? ['""'] : [])].join(' | '))
  }
  return names.get(first) ?? ''
}

function explore<State>(automaton: Automaton<State>): Map<string, Node> {
  const nodes = new Map<string, Node>()
  const waiting = [automaton.start]
  for (const state of waiting) {
    const key = automaton.key(state)
    if (nodes.has(key)) continue
    if (nodes.size >= statesLimit) throw new PatternError('it is too large to be combined with other keywords')
    const steps = automaton.steps(state).flatMap(({ set, next }) => {
      const char = jsonChar(set)
      return char === undefined ? [] : [{ char, next }]
    })
    waiting.push(...steps.map(({ next }) => next))
    nodes.set(key, {
      accepts: automaton.accepts(state),
      steps: steps.map(({ char, next }) => ({ char, to: automaton.key(next) })),
    })
  }
  return nodes
}

/** States from which an accepting one can be reached. */
function ending(nodes: ReadonlyMap<string, Node>): Set<string> {
  const before = new Map<string, string[]>()
  for (const [key, { steps }] of nodes) for (const { to } of steps) before.set(to, [...(before.get(to) ?? []), key])
  const live = new Set([...nodes].flatMap(([key, { accepts }]) => (accepts ? [key] : [])))
  for (const key of live) for (const earlier of before.get(key) ?? []) live.add(earlier)
  return live
}
