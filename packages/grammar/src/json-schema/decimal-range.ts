import { GrammarError, type Place } from '../grammar-error.ts'
import { fractionRange } from './fraction-range.ts'
import { integerRange } from './integer-range.ts'

export type DecimalBound = { value: number; exclusive: boolean; place: Place }

/** Decimals of so many digits are different doubles when they are different texts, so that `<` stays `<`. */
const exactDigits = 15
const usualIntegerDigits = 9

/** A bound that is not negative: its digits before the point, and those behind it, as many as are written at most. */
export type Limit = { whole: bigint; fraction: string; exclusive: boolean }

/** Decimals between the bounds, without exponent. */
export function decimalRange(lower: DecimalBound | undefined, upper: DecimalBound | undefined): string {
  const places = Math.min(6, exactDigits - integerDigits([lower, upper]))
  const far: Limit = { whole: 10n ** BigInt(exactDigits - places) - 1n, fraction: '0'.repeat(places), exclusive: false }
  const zero: Limit = { whole: 0n, fraction: '0'.repeat(places), exclusive: false }
  const above = lower !== undefined && lower.value >= 0 ? limit(lower, places) : zero
  const below = upper === undefined ? far : limit(upper, places)
  const positive = upper !== undefined && upper.value < 0 ? [] : between(above, below)
  const options = [...positive, ...negatives(lower, upper, { far, zero, places })]
  if (options.length === 0) throw new GrammarError('no number is possible', (upper ?? lower)?.place)
  return options.join(' | ')
}

function negatives(
  lower: DecimalBound | undefined,
  upper: DecimalBound | undefined,
  { far, zero, places }: { far: Limit; zero: Limit; places: number },
): string[] {
  if (lower !== undefined && lower.value >= 0) return []
  const nearest = upper !== undefined && upper.value < 0 ? limit(upper, places) : { ...zero, exclusive: true }
  const options = between(nearest, lower === undefined ? far : limit(lower, places))
  return options.length > 0 ? [`"-" (${options.join(' | ')})`] : []
}

/** The digits of a bound, without its sign. */
function limit({ value, exclusive, place }: DecimalBound, places: number): Limit {
  const [whole = '', fraction = ''] = plain(Math.abs(value)).split('.')
  if (fraction.length > places)
    throw new GrammarError(`a bound of more than ${places} decimals cannot be enforced`, place)
  return { whole: BigInt(whole), fraction: fraction.padEnd(places, '0'), exclusive }
}

function integerDigits(bounds: readonly (DecimalBound | undefined)[]): number {
  return bounds.reduce((most, bound) => {
    const digits = bound === undefined ? 0 : plain(Math.trunc(Math.abs(bound.value))).length
    if (digits > exactDigits)
      throw new GrammarError(`a bound of more than ${exactDigits} digits cannot be enforced`, bound?.place)
    return Math.max(most, digits)
  }, usualIntegerDigits)
}

/** Without exponent. */
function plain(value: number): string {
  const text = value.toString()
  if (!text.includes('e')) return text
  return value < 1 ? value.toFixed(100).replace(/0+$/, '') : BigInt(value).toString()
}

/** Decimals from one limit to another, neither of them negative. */
function between(lower: Limit, upper: Limit): string[] {
  if (lower.whole > upper.whole) return []
  const none = { digits: lower.fraction.replaceAll(/./g, '0'), exclusive: false }
  const from = { digits: lower.fraction, exclusive: lower.exclusive }
  const to = { digits: upper.fraction, exclusive: upper.exclusive }
  if (lower.whole === upper.whole) return withFraction(`"${lower.whole}"`, fractionRange(from, to))
  const [first, last] = [lower.whole + 1n, upper.whole - 1n]
  return [
    ...withFraction(`"${lower.whole}"`, fractionRange(from, undefined)),
    ...(first <= last ? withFraction(`(${integerRange(first, last)})`, fractionRange(none, undefined)) : []),
    ...withFraction(`"${upper.whole}"`, fractionRange(none, to)),
  ]
}

function withFraction(whole: string, { mayBeAbsent, digits }: ReturnType<typeof fractionRange>): string[] {
  if (digits === undefined) return mayBeAbsent ? [whole] : []
  const point = `"." (${digits})`
  return [mayBeAbsent ? `${whole} (${point})?` : `${whole} ${point}`]
}
