import type { z } from 'zod'
import { deepFreeze } from './deep-freeze.ts'
import { type Secrecy, settingRegistry } from './setting.ts'
import { SettingVariables } from './setting-variables.ts'
import { type Settings, toSettings } from './settings.ts'
import { SettingsError, type SettingsProblem } from './settings-error.ts'

const longestShownValue = 100

/**
 * The settings in `env`, deeply frozen. A variable that is empty or blank counts as unset. Relative paths are taken
 * from the folder in which npm was called (`INIT_CWD`), else from the working folder.
 *
 * @throws SettingsError with every problem of every variable.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const result = SettingVariables.safeParse(set)
  if (!result.success) throw new SettingsError(result.error.issues.map((issue) => toProblem(issue, set)))
  return deepFreeze(toSettings(result.data, set.INIT_CWD ?? process.cwd()))
}

function toProblem(issue: z.core.$ZodIssue, env: Record<string, string | undefined>): SettingsProblem {
  const name = String(issue.path[0])
  const got = show(env[name] ?? '', secrecyOf(name))
  return { name, expected: issue.message, ...(got === undefined ? {} : { got }) }
}

function secrecyOf(name: string): Secrecy | undefined {
  const schema = Object.entries(SettingVariables.shape).find(([variable]) => variable === name)?.[1]
  return schema && settingRegistry.get(schema)?.secrecy
}

function show(value: string, secrecy: Secrecy | undefined): string | undefined {
  if (secrecy === 'hidden') return undefined
  const shown = secrecy === 'credentials' ? value.replace(/^.*@/s, '***@') : value
  return shown.length > longestShownValue ? `${shown.slice(0, longestShownValue)}…` : shown
}
