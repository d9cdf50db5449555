/** Code points, as ascending ranges that neither touch nor overlap. */
export type CharSet = readonly (readonly [from: number, to: number])[]

export const everyChar: CharSet = [[0, 0x10ffff]]

export function charSet(ranges: readonly (readonly [number, number])[]): CharSet {
  const merged: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

export function charsOf(text: string): CharSet {
  return charSet(Array.from(text, (char) => [char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0]))
}

export function complement(set: CharSet): CharSet {
  const gaps: [number, number][] = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) gaps.push([next, from - 1])
    next = to + 1
  }
  if (next <= 0x10ffff) gaps.push([next, 0x10ffff])
  return gaps
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  return charSet(
    a.flatMap(([from, to]) =>
      b.flatMap(([otherFrom, otherTo]): [number, number][] => {
        const [start, end] = [Math.max(from, otherFrom), Math.min(to, otherTo)]
        return start <= end ? [[start, end]] : []
      }),
    ),
  )
}

export function hasChar(set: CharSet, code: number): boolean {
  return set.some(([from, to]) => from <= code && code <= to)
}
