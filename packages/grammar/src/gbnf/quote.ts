const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text as a terminal of GBNF. */
export function quote(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (char) => escapes[char] ?? char)}"`
}

/** One of these code points, as a terminal of GBNF. Written in escapes, so that nothing in a class has a second meaning. */
export function quoteClass(ranges: readonly (readonly [number, number])[]): string {
  const parts = ranges.map(([from, to]) => (from === to ? codePoint(from) : `${codePoint(from)}-${codePoint(to)}`))
  return `[${parts.join('')}]`
}

function codePoint(code: number): string {
  const char = String.fromCodePoint(code)
  if (/^[A-Za-z0-9]$/.test(char)) return char
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0')
}
