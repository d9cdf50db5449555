/** One thing that is wrong with one environment variable. `got` is absent when the value must not be shown. */
export type SettingsProblem = { name: string; expected: string; got?: string }

/** Everything that is wrong with the environment, one line per problem. Secret values are not in it. */
export class SettingsError extends Error {
  override name = 'SettingsError'
  readonly problems: readonly SettingsProblem[]

  constructor(problems: readonly SettingsProblem[]) {
    super(['The settings cannot be used:', ...problems.map(describe)].join('\n'))
    this.problems = problems
  }
}

function describe({ name, expected, got }: SettingsProblem): string {
  return `${name}: expected ${expected}, got ${got === undefined ? 'a value that is not shown' : JSON.stringify(got)}`
}
