import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { parseSize } from './size.ts'

/** How a variable's text becomes a value. `expected` says in words what is accepted, in errors and in the docs. */
export type SettingKind<T> = { expected: string; schema: z.ZodType<T, string> }

/** A kind made from a function that gives undefined for a text it does not accept. */
export function parsed<T>(expected: string, parse: (text: string) => T | undefined): SettingKind<T> {
  const schema = z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
  return { expected, schema }
}

export function matching(expected: string, pattern: RegExp): SettingKind<string> {
  return { expected, schema: z.string().regex(pattern, expected) }
}

export function oneOf<const T extends readonly [string, ...string[]]>(names: T): SettingKind<T[number]> {
  const expected = `one of ${names.join(', ')}`
  return { expected, schema: z.string().pipe(z.enum(names, expected)) }
}

export function integer(least: number, most: number): SettingKind<number> {
  return parsed(`a whole number from ${least} to ${most}`, (text) =>
    /^\d{1,15}$/.test(text) ? within(Number(text), least, most) : undefined,
  )
}

/** As a fraction, 0 to 1. */
export const percentage: SettingKind<number> = parsed('a percentage from 1% to 100%', (text) =>
  /^\d{1,3}%$/.test(text) ? within(Number(text.slice(0, -1)) / 100, 0.01, 1) : undefined,
)

/** In milliseconds. The limits are written as a person would set them. */
export function duration(least: string, most: string): SettingKind<number> {
  return parsed(`a duration from ${least} to ${most} (500ms, 10s, 5m, 1h; a bare number is seconds)`, (text) =>
    within(parseDuration(text), parseDuration(least), parseDuration(most)),
  )
}

/** In bytes. */
export function size(least: string, most: string): SettingKind<number> {
  return parsed(`a size from ${least} to ${most} (64k, 50m, 16MiB, 1g; a bare number is bytes)`, (text) =>
    within(parseSize(text), parseSize(least), parseSize(most)),
  )
}

export function url(...schemes: string[]): SettingKind<string> {
  return parsed(`a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`, (text) => {
    if (!URL.canParse(text)) return undefined
    const { protocol, hostname } = new URL(text)
    return hostname !== '' && schemes.includes(protocol.slice(0, -1)) ? text : undefined
  })
}

function within(value: number | undefined, least = 0, most = Number.POSITIVE_INFINITY): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}
