import type { Terminal } from '../setup/terminal.mjs'

export type BannerOptions = {
  terminal: Terminal
  baseUrl: string
  /** Public name of the chat model. */
  model: string
  /** The generated key; undefined when the operator set ALLOWED_KEYS, which are not printed. */
  key: string | undefined
  keyFile: string
  logDir: string
}

/** What a newcomer needs once everything runs. */
export function printBanner({ terminal, baseUrl, model, key, keyFile, logDir }: BannerOptions): void {
  const { bold, green, dim } = terminal.style
  const lines = [
    '',
    `  ${green(bold('Millrace is ready.'))}`,
    '',
    `    URL    ${bold(`${baseUrl}/v1`)}`,
    key === undefined
      ? `    key    one of ALLOWED_KEYS ${dim('(put it into the line below)')}`
      : `    key    ${bold(key)}  ${dim(`kept in ${keyFile}`)}`,
    `    model  ${model}`,
    `    logs   ${logDir}`,
    '',
    '  Try it:',
    '',
    curlLine({ baseUrl, model, key: key ?? 'YOUR_KEY' }),
    '',
    `  ${dim('Ctrl-C stops everything.')}`,
    '',
  ]
  for (const line of lines) terminal.line(line)
}

/** One line that streams an answer, for any POSIX shell. */
export function curlLine({ baseUrl, model, key }: { baseUrl: string; model: string; key: string }): string {
  const body = {
    model,
    stream: true,
    messages: [{ role: 'user', content: 'Tell me a short story about a water mill.' }],
  }
  return [
    `curl -N ${quote(`${baseUrl}/v1/chat/completions`)}`,
    `-H ${quote(`Authorization: Bearer ${key}`)}`,
    `-H ${quote('Content-Type: application/json')}`,
    `-d ${quote(JSON.stringify(body))}`,
  ].join(' ')
}

/** The only character with a meaning between single quotes ends them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
