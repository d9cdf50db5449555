import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually, startRedis, type TestRedis } from '@millrace/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { chat, chatPath } from './test-support/post.ts'
import { key, TestCluster } from './test-support/test-cluster.ts'

let server: TestRedis
let child: ChildProcess | undefined

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())
afterEach(() => {
  child?.kill('SIGKILL')
  child = undefined
})

function start(env: Record<string, string>) {
  const main = new URL('./main.ts', import.meta.url).pathname
  const process_ = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' })
  child = process_
  let output = ''
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  return {
    output: () => output,
    exit: once(process_, 'close').then(([code]) => code),
    signal: () => process_.kill('SIGTERM'),
  }
}

test('settings that cannot be used end it at once, all of them named', async () => {
  const { exit, output } = start({ PORT: 'x', MAX_TOKENS: 'y' })
  expect(await exit).toBe(1)
  expect(output()).toContain('PORT')
  expect(output()).toContain('MAX_TOKENS')
})

test.each([
  ['ALLOWED_KEYS', { REDIS_URL: 'redis://127.0.0.1:1' }],
  ['REDIS_URL', { ALLOWED_KEYS: key }],
])('without %s it does not start', async (name, env) => {
  const { exit, output } = start({ PORT: '0', ...env })
  expect(await exit).toBe(1)
  expect(output()).toContain(`${name} is not set`)
})

test('it serves until SIGTERM, and logs who asked but nothing of what was said', async () => {
  const cluster = new TestCluster(server)
  await cluster.worker({ tokens: 5 })
  const env = { REDIS_URL: server.url, REDIS_PREFIX: cluster.prefix, ALLOWED_KEYS: `acme=${key}`, LOG_LEVEL: 'trace' }
  const { exit, output, signal } = start({ PORT: '0', ...env })
  const url = await eventually(() => /"url":"([^"]+)"/.exec(output())?.[1] ?? false)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': 'my-request' }
  const ask = async (text: string) => {
    const init = { method: 'POST', headers, body: JSON.stringify(chat(text)) }
    return await (await fetch(url + chatPath, init)).text()
  }
  const answer = JSON.parse(await ask('secret-prompt')).choices[0].message.content
  await ask('[fail] secret-prompt')
  signal()
  expect(await exit).toBe(0)
  const audits = output()
    .split('\n')
    .filter((line) => line.includes('"log":"audit"'))
    .map((line) => JSON.parse(line))
  expect(audits).toMatchObject([
    { requestId: 'my-request', tenant: 'acme', kind: 'generation', completionTokens: 5, outcome: 'completed' },
    { requestId: 'my-request', tenant: 'acme', outcome: 'internal_error' },
  ])
  for (const secret of ['secret-prompt', key, JSON.stringify(answer).slice(1, -1)])
    expect(output()).not.toContain(secret)
  await cluster.close()
})
