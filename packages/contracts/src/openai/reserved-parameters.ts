import type { z } from 'zod'

/**
 * Parameters of OpenAI's that a later version will honour, each with the test for values that ask for nothing.
 * `null` always asks for nothing.
 */
export type ReservedParameters = Readonly<Record<string, (value: unknown) => boolean>>

/** Carried by the issues below; `requestFailure` turns them into `unsupported_parameter`. */
export type ReservedIssue = { reserved: 'parameter' | 'value'; value?: string }

/**
 * A preprocessing step for `z.preprocess`: takes out reserved parameters whose value asks for nothing and reports the
 * others, so that the schema after it describes only what is honoured.
 */
export function refuseReserved(reserved: ReservedParameters) {
  return (input: unknown, context: z.RefinementCtx): unknown => {
    if (!isRecord(input)) return input
    return withoutReserved(input, (key, value) => {
      const asksForNothing = Object.hasOwn(reserved, key) ? reserved[key] : undefined
      if (asksForNothing === undefined) return false
      if (value !== null && !asksForNothing(value)) report(context, key, { reserved: 'parameter' })
      return true
    })
  }
}

/** The same for single values of a parameter that is honoured otherwise, such as the role `tool`. */
export function refuseReservedValues(parameter: string, values: readonly string[]) {
  return (input: unknown, context: z.RefinementCtx): unknown => {
    const value = isRecord(input) ? input[parameter] : undefined
    if (typeof value === 'string' && values.includes(value)) report(context, parameter, { reserved: 'value', value })
    return input
  }
}

function report(context: z.RefinementCtx, parameter: string, params: ReservedIssue): void {
  context.addIssue({ code: 'custom', path: [parameter], params, message: 'reserved' })
}

// `fromEntries` defines properties instead of assigning them, so a key named `__proto__` stays an ordinary key.
function withoutReserved(
  input: Record<string, unknown>,
  isReserved: (key: string, value: unknown) => boolean,
): unknown {
  return Object.fromEntries(Object.entries(input).filter(([key, value]) => !isReserved(key, value)))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
