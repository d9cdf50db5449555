import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { quietTerminal } from '../setup/quiet-terminal.fixture.ts'
import { curlLine, printBanner } from './banner.ts'
import { baseUrlOf } from './base-url.ts'

const baseUrl = 'http://127.0.0.1:8000'

/** The arguments that a shell passes to curl when the line is pasted. */
function pasted(line: string): string[] {
  const output = execFileSync('sh', ['-c', `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; }\n${line}`])
  return output.toString().split('\0').slice(0, -1)
}

test('the pasted line is one line, and asks for a stream with the right key', () => {
  const line = curlLine({ baseUrl, model: 'a-model', key: 'sk-1' })
  expect(line).not.toContain('\n')
  const [noBuffer, url, , authorization, , , , body = ''] = pasted(line)
  expect([noBuffer, url, authorization]).toEqual(['-N', `${baseUrl}/v1/chat/completions`, 'Authorization: Bearer sk-1'])
  expect(JSON.parse(body)).toMatchObject({ model: 'a-model', stream: true, messages: [{ role: 'user' }] })
})

test("a model's name passes through the shell as it is", () => {
  const model = `it's "a" $HOME \`model\``
  expect(JSON.parse(pasted(curlLine({ baseUrl, model, key: 'k' })).at(-1) ?? '')).toMatchObject({ model })
})

test('the banner shows URL, key and where things are; keys of the operator are not printed', () => {
  const options = { baseUrl, model: 'm', keyFile: '/data/api-key', logDir: '/data/logs' }
  const made = quietTerminal()
  printBanner({ ...options, terminal: made.terminal, key: 'sk-made' })
  for (const part of [`${baseUrl}/v1`, 'sk-made', '/data/api-key', '/data/logs']) expect(made.text()).toContain(part)
  const own = quietTerminal()
  printBanner({ ...options, terminal: own.terminal, key: undefined })
  expect(own.text()).toContain('one of ALLOWED_KEYS')
})

test.each([
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://[::1]:80'],
  ['fe80::1', 'http://[fe80::1]:80'],
  ['mill.example', 'http://mill.example:80'],
])('a server on %s is reached at %s', (host, url) => {
  expect(baseUrlOf(host, 80)).toBe(url)
})
