/** Digits behind the point, as many as are written at most. */
export type Fraction = { digits: string; exclusive: boolean }

/**
 * The digits behind a point that lie between two fractions of equal length (no upper limit when undefined). Shorter
 * texts stand for themselves with zeros behind. `mayBeAbsent`: a number without point lies between them too.
 */
export function fractionRange(from: Fraction, to: Fraction | undefined): { mayBeAbsent: boolean; digits?: string } {
  const options = digitsBetween(from, to)
  const mayBeAbsent = endsWithin(from, to)
  return options.length > 0 ? { mayBeAbsent, digits: options.join(' | ') } : { mayBeAbsent }
}

/** Whether zero lies between them, which is what follows where the text ends. */
function endsWithin(from: Fraction | undefined, to: Fraction | undefined): boolean {
  if (from !== undefined && (from.exclusive || /[1-9]/.test(from.digits))) return false
  return to === undefined || !to.exclusive || /[1-9]/.test(to.digits)
}

/** At least one digit. Of `from` and `to` what remains at this place; undefined where any digits will do. */
function digitsBetween(from: Fraction | undefined, to: Fraction | undefined): string[] {
  const length = (from ?? to)?.digits.length ?? 0
  if (length === 0) return []
  const low = from === undefined ? 0 : Number(from.digits[0])
  const high = to === undefined ? 9 : Number(to.digits[0])
  const first = from === undefined ? low : low + 1
  const last = to === undefined ? high : high - 1
  const middle = first <= last ? [`[${first}-${last}]${length > 1 ? ` [0-9]{0,${length - 1}}` : ''}`] : []
  if (from !== undefined && to !== undefined && low === high) return after(low, rest(from), rest(to))
  return [
    ...(from === undefined ? [] : after(low, rest(from), undefined)),
    ...middle,
    ...(to === undefined || high < low ? [] : after(high, undefined, rest(to))),
  ]
}

/** A digit, and what may follow it. */
function after(digit: number, from: Fraction | undefined, to: Fraction | undefined): string[] {
  const options = [...(endsWithin(from, to) ? ['""'] : []), ...digitsBetween(from, to)]
  return options.length > 0 ? [`"${digit}" (${options.join(' | ')})`] : []
}

function rest({ digits, exclusive }: Fraction): Fraction {
  return { digits: digits.slice(1), exclusive }
}
