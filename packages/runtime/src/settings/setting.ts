import { z } from 'zod'
import type { SettingKind } from './setting-kind.ts'

/** What the docs and the errors know of an environment variable. */
export type SettingMeta = {
  description: string
  /** What is accepted, in words. */
  expected: string
  /** As an operator would write it; unset: the variable has none. */
  default?: string
  secrecy?: Secrecy
}

/** `hidden`: the value is never printed. `credentials`: what stands before an `@` is not. */
export type Secrecy = 'hidden' | 'credentials'

/** One entry per environment variable, beside its schema. */
export const settingRegistry = z.registry<SettingMeta>()

type Documentation = { description: string; secrecy?: Secrecy }

/** A variable that has a value when nobody sets it. The default is parsed like any other text. */
export function withDefault<T>(kind: SettingKind<T>, text: string, documentation: Documentation) {
  const schema = kind.schema.prefault(text)
  return schema.register(settingRegistry, { expected: kind.expected, default: text, ...documentation })
}

/** A variable that may stay unset. */
export function optional<T>(kind: SettingKind<T>, documentation: Documentation) {
  return kind.schema.optional().register(settingRegistry, { expected: kind.expected, ...documentation })
}
