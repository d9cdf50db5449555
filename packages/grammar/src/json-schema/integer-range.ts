/** Whole numbers from `min` to `max`, as alternatives. Zero has no sign. */
export function integerRange(min: bigint, max: bigint): string {
  const options: string[] = []
  if (min < 0n) {
    const [from, to] = [max < 0n ? -max : 1n, -min]
    options.push(`"-" (${positives(from, to).join(' | ')})`)
  }
  if (min <= 0n && max >= 0n) options.push('"0"')
  if (max > 0n) options.push(...positives(min > 0n ? min : 1n, max))
  return options.join(' | ')
}

/** By number of digits: 7 to 123 is 7 to 9, 10 to 99, 100 to 123. */
function positives(min: bigint, max: bigint): string[] {
  const options: string[] = []
  for (let from = min; from <= max; ) {
    const largest = 10n ** BigInt(from.toString().length) - 1n
    const to = largest < max ? largest : max
    options.push(sameLength(from.toString(), to.toString()))
    from = to + 1n
  }
  return joined(options, min, max)
}

/** One to the largest number of so many digits needs one alternative, not one for each number of digits. */
function joined(options: string[], min: bigint, max: bigint): string[] {
  const digits = max.toString().length
  return min === 1n && max === 10n ** BigInt(digits) - 1n ? [`[1-9] [0-9]{0,${digits - 1}}`] : options
}

/** Digits from `from` to `to`, which are equally many. */
export function sameLength(from: string, to: string): string {
  if (from === to) return from === '' ? '""' : `"${from}"`
  const common = commonPrefix(from, to)
  if (common > 0) return `"${from.slice(0, common)}" ${group(sameLength(from.slice(common), to.slice(common)))}`
  const rest = from.length - 1
  const [low, high] = [from.slice(1), to.slice(1)]
  // Whole decades at both ends belong to the middle.
  const first = Number(from[0]) + (isAll(low, '0') ? 0 : 1)
  const last = Number(to[0]) - (isAll(high, '9') ? 0 : 1)
  return [
    ...(isAll(low, '0') ? [] : [`"${from[0]}" ${group(sameLength(low, '9'.repeat(rest)))}`]),
    ...(first <= last ? [`[${first}-${last}]${rest > 0 ? ` [0-9]{${rest}}` : ''}`] : []),
    ...(isAll(high, '9') ? [] : [`"${to[0]}" ${group(sameLength('0'.repeat(rest), high))}`]),
  ].join(' | ')
}

function commonPrefix(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

function isAll(digits: string, digit: string): boolean {
  return digits === digit.repeat(digits.length)
}

function group(options: string): string {
  return `(${options})`
}
