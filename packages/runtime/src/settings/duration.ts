const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `500ms`, `1.5s`, `5m`, `1h`, `7d`, or of a bare number of seconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? []
  const unitMs = unitsMs[unit]
  return amount === undefined || unitMs === undefined ? undefined : Math.round(Number(amount) * unitMs)
}
