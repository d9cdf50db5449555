import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from './logger.ts'

const fixture = fileURLToPath(new URL('./logger.fixture.ts', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-logs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function outputOf(...parameters: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [fixture, ...parameters])
  expect(stderr).toBe('')
  return stdout
}

const parseLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

async function filesOf(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')))
}

test('a line is JSON with level, time, service and process; what is below the level is not written', async () => {
  const lines = parseLines(await outputOf('level'))
  expect(lines).toEqual([
    { level: 'warn', time: expect.any(String), service: 'test-service', pid: expect.any(Number), msg: 'shown' },
  ])
  expect(new Date(lines[0].time).toISOString()).toBe(lines[0].time)
})

test('keys, tokens, authorization and the arguments of failed Redis commands are never written', async () => {
  const text = await outputOf('secrets', folder)
  const [file = ''] = await filesOf(folder)
  expect(parseLines(text).length).toBeGreaterThan(3)
  expect(file).toBe(text)
  expect(text).not.toContain('secret-')
  expect(text).toContain('[redacted]')
  expect(text).toContain('timed out')
})

test('on a terminal a line is written for people', async () => {
  const text = await outputOf('pretty')
  expect(text).toContain('a slow job')
  expect(text).toContain('job-1')
  expect(text).not.toContain('{"level"')
})

test('files are rotated by size, dated, and no more are kept than allowed; the newest lines survive', async () => {
  const text = await outputOf('rotation', folder)
  const names = await readdir(folder)
  expect(names.length).toBeGreaterThan(1)
  expect(names.length).toBeLessThanOrEqual(4)
  for (const name of names) expect(name).toMatch(/^test-service\.\d{4}-\d\d-\d\d\.\d+\.log$/)
  const kept = (await filesOf(folder)).join('')
  expect(text.endsWith(kept)).toBe(true)
  expect(parseLines(kept).at(-1)).toMatchObject({ line: 199 })
})

test('the last line before process.exit is in the file', async () => {
  await outputOf('exit', folder)
  const [file = ''] = await filesOf(folder)
  expect(parseLines(file)).toMatchObject([{ msg: 'the last line' }])
})

test('a folder for logs that cannot be made is an error at once', async () => {
  const dir = join(fixture, 'is-a-file')
  expect(() => createLogger({ service: 'test', level: 'info', dir })).toThrow(/ENOTDIR|EEXIST/)
  await chmod(folder, 0o500)
})
