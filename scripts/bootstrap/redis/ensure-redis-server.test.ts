import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { quietTerminal } from '../setup/quiet-terminal.fixture.ts'
import { ensureRedisServer } from './ensure-redis-server.ts'

let root: string
let machine: string
let binDir: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-ensure-redis-'))
  machine = join(root, 'machine')
  binDir = join(root, 'bin')
  for (const folder of [machine, binDir]) mkdirSync(folder)
})

function program(name: string, script = '') {
  const file = join(machine, name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

function ensure(userId: number, signal = new AbortController().signal) {
  const { terminal } = quietTerminal()
  return ensureRedisServer({ env: { PATH: `${binDir}:${machine}` }, binDir, terminal, signal, userId })
}

/** A stand-in for apt-get that notes its calls; `install` is a shell script. */
function machineApt(install: string) {
  program(
    'apt-get',
    `echo "$1" >> '${root}/apt-calls'
     [ "$1" = install ] || exit 0
     ${install}`,
  )
}
const aptCalls = () => readFileSync(join(root, 'apt-calls'), 'utf8').trim().split('\n')
const becomesInstalled = () =>
  `printf '#!/bin/sh\\n' > '${machine}/redis-check-rdb'; /bin/chmod +x '${machine}/redis-check-rdb'`

test('the server on PATH is taken, Redis before Valkey', async () => {
  const valkey = program('valkey-server')
  expect(await ensure(1000)).toBe(valkey)
  const redis = program('redis-server')
  expect(await ensure(1000)).toBe(redis)
})

test('where redis-tools is installed already, its program is the server: no apt-get, no root', async () => {
  program('redis-check-rdb')
  expect(await ensure(1000)).toBe(join(binDir, 'redis-server'))
})

test('root gets it by apt-get, whose lists are updated when the package is not known', async () => {
  machineApt(`[ -e '${root}/once' ] || { : > '${root}/once'; exit 100; }\n${becomesInstalled()}`)
  expect(await ensure(0)).toBe(join(binDir, 'redis-server'))
  expect(aptCalls()).toEqual(['install', 'update', 'install'])
  expect(await ensure(0), 'found on PATH the next time').toBe(join(binDir, 'redis-server'))
  expect(aptCalls()).toHaveLength(3)
})

test('an apt-get that fails is quoted, with what else would help', async () => {
  machineApt('echo "E: no network"; exit 100')
  await expect(ensure(0)).rejects.toThrow(/E: no network[\s\S]*dnf install[\s\S]*brew install[\s\S]*REDIS_URL/)
})

test('another user than root is told what to install; apt-get is not tried', async () => {
  machineApt(becomesInstalled())
  await expect(ensure(1000)).rejects.toThrow(/neither redis-server nor valkey-server[\s\S]*sudo apt-get/)
  expect(aptCalls).toThrow()
})

test('a stop ends apt-get', async () => {
  machineApt('exec /bin/sleep 600')
  const stop = new AbortController()
  const stopped = ensure(0, stop.signal)
  stop.abort()
  await expect(stopped).rejects.toMatchObject({ name: 'Interrupted' })
})
