import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@millrace/testkit'
import { expect, test } from 'vitest'
import { handOver } from './hand-over.mjs'

const folder = mkdtempSync(join(tmpdir(), 'millrace-hand-over-'))
const toolchain = { node: process.execPath, nodeVersion: process.version, pnpm: '', path: '/toolchain/bin:/usr/bin' }

function script(text: string): string {
  const file = join(folder, `script-${Math.random()}.mjs`)
  writeFileSync(file, text)
  return file
}

function run(text: string, { args = [] as string[], stop = new AbortController() } = {}) {
  const signals = { signal: stop.signal, hurry: new AbortController().signal }
  return handOver({ toolchain, script: script(text), args, env: { KEEP: 'kept' }, stop: signals })
}

test('arguments, environment and PATH arrive as they are, and the exit code comes back', async () => {
  const args = ['packages/queue', '-t', 'two words']
  const expected = JSON.stringify([args, 'kept', toolchain.path])
  const code = await run(
    `const seen = JSON.stringify([process.argv.slice(2), process.env.KEEP, process.env.PATH])
     process.exit(seen === ${JSON.stringify(expected)} ? 42 : 1)`,
    { args },
  )
  expect(code).toBe(42)
})

test('the wish to stop is passed on, and the end is waited for', async () => {
  const stop = new AbortController()
  const ready = join(folder, 'ready')
  const running = run(
    `import { writeFileSync } from 'node:fs'
     process.on('SIGTERM', () => setTimeout(() => process.exit(7), 50))
     setInterval(() => {}, 1000)
     writeFileSync(${JSON.stringify(ready)}, '')`,
    { stop },
  )
  await eventually(() => existsSync(ready))
  stop.abort()
  expect(await running).toBe(7)
})

test('an end by a signal is a failure', async () => {
  expect(await run(`process.kill(process.pid, 'SIGKILL')`)).toBe(1)
})
