import { GrammarError } from '../grammar-error.ts'
import { decimalRange } from './decimal-range.ts'
import { integerRange } from './integer-range.ts'
import { keyword, keywordValues, number, type Source } from './source.ts'

type Bound = { value: number; exclusive: boolean; place: Source['place'] }

/** Integers of more digits than doubles hold exactly are not written. */
const largestInteger = 999_999_999_999_999n

/** Whole numbers that satisfy all of the schemas. */
export function integerBody(sources: readonly Source[]): string {
  refuseMultiples(sources, (value) => value === 1)
  const { lower, upper } = bounds(sources)
  const min = lower === undefined ? -largestInteger : greater(-largestInteger, least(lower))
  const max = upper === undefined ? largestInteger : smaller(largestInteger, greatest(upper))
  if (min > max) throw new GrammarError('no whole number is possible', (upper ?? lower)?.place)
  return integerRange(min, max)
}

/** Numbers that satisfy all of the schemas. */
export function numberBody(sources: readonly Source[]): string {
  refuseMultiples(sources, () => false)
  const { lower, upper } = bounds(sources)
  if (lower === undefined && upper === undefined) {
    return '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [+-]? [0-9]{1,2})?'
  }
  return decimalRange(lower, upper)
}

function refuseMultiples(sources: readonly Source[], isHarmless: (value: unknown) => boolean): void {
  for (const { value, place } of keyword(sources, 'multipleOf')) {
    if (!isHarmless(value)) throw new GrammarError("'multipleOf' cannot be enforced", place)
  }
}

function bounds(sources: readonly Source[]): { lower: Bound | undefined; upper: Bound | undefined } {
  const lower = [...named(sources, 'minimum', false), ...named(sources, 'exclusiveMinimum', true)]
  const upper = [...named(sources, 'maximum', false), ...named(sources, 'exclusiveMaximum', true)]
  const tighter = (a: Bound, b: Bound) => Number(b.exclusive) - Number(a.exclusive)
  return {
    lower: lower.toSorted((a, b) => b.value - a.value || tighter(a, b))[0],
    upper: upper.toSorted((a, b) => a.value - b.value || tighter(a, b))[0],
  }
}

function named(sources: readonly Source[], name: string, exclusive: boolean): Bound[] {
  return keywordValues(sources, name, number).map((bound) => ({ ...bound, exclusive }))
}

function least({ value, exclusive }: Bound): bigint {
  const whole = BigInt(Math.ceil(value))
  return exclusive && Number.isInteger(value) ? whole + 1n : whole
}

function greatest({ value, exclusive }: Bound): bigint {
  const whole = BigInt(Math.floor(value))
  return exclusive && Number.isInteger(value) ? whole - 1n : whole
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
