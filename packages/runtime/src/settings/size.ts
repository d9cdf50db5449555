const unitsBytes: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Bytes of `512`, `64k`, `16MiB`, `1g`: units are powers of 1024 in either case; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(?:([kmg])(?:i?b)?|b)?$/i.exec(text) ?? []
  const unitBytes = unitsBytes[unit.toLowerCase()]
  return amount === undefined || unitBytes === undefined ? undefined : Math.round(Number(amount) * unitBytes)
}
