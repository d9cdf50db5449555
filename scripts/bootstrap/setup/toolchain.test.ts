import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { nodePackage } from './node-package.mjs'
import { Problem } from './problem.mjs'
import { quietTerminal } from './quiet-terminal.fixture.ts'
import { ensureToolchain } from './toolchain.mjs'

const pinned = '12.21.0'
let root: string
let bin: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-toolchain-'))
  bin = join(root, 'machine')
  mkdirSync(bin)
  writeFileSync(join(root, 'package.json'), JSON.stringify({ packageManager: `pnpm@${pinned}+sha512.abc` }))
})

function program(file: string, script: string) {
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

/** A stand-in for npm that notes its arguments and, like npm, makes the folders of the packages it is asked for. */
function machineNpm(script = '') {
  const node = nodePackage()
  program(
    join(bin, 'npm'),
    `echo "$@" >> '${root}/npm-calls'
     ${script}
     mkdir -p 'node_modules/@pnpm/exe.some' 'node_modules/${node.name}/bin'
     for file in 'node_modules/@pnpm/exe.some/pnpm' 'node_modules/${node.name}/bin/node'; do
       printf '#!/bin/sh\\nexit 0\\n' > $file && chmod +x $file
     done`,
  )
}

const npmCalls = () =>
  existsSync(join(root, 'npm-calls')) ? readFileSync(join(root, 'npm-calls'), 'utf8').trim().split('\n') : []

function ensure(nodeVersion: string, signal = new AbortController().signal) {
  const { terminal } = quietTerminal()
  const env = { PATH: [bin, '/usr/bin', '/bin'].join(delimiter) }
  return ensureToolchain({ root, env, terminal, signal, nodeVersion })
}

describe('a machine with what is needed', () => {
  test('uses its own Node 24 and its own pnpm of the pinned version, and calls no npm', async () => {
    machineNpm()
    program(join(bin, 'pnpm'), `echo ${pinned}`)
    const toolchain = await ensure('v24.3.1')
    expect(toolchain).toMatchObject({ node: process.execPath, nodeVersion: 'v24.3.1', pnpm: join(bin, 'pnpm') })
    expect(npmCalls()).toEqual([])
  })

  test('gets no other program put before its own on PATH', async () => {
    program(join(bin, 'pnpm'), `echo ${pinned}`)
    const { path } = await ensure('v25.0.0')
    const [first = '', ...rest] = path.split(delimiter)
    expect(readdirSync(first).sort()).toEqual(['node', 'pnpm'])
    expect(readlinkSync(join(first, 'node'))).toBe(process.execPath)
    expect(rest).toEqual([bin, '/usr/bin', '/bin'])
  })

  test('asks pnpm for its version outside of the checkout, where it does not turn into the pinned one', async () => {
    machineNpm()
    program(join(bin, 'pnpm'), `case "$PWD" in '${root}'*) echo ${pinned};; *) echo 9.0.0;; esac`)
    await ensure('v24.0.0')
    expect(npmCalls()).toHaveLength(1)
  })
})

describe('a machine without', () => {
  test('gets Node and pnpm, exactly pinned, into the local folder by one call of npm without install scripts', async () => {
    machineNpm()
    const toolchain = await ensure('v20.11.0')
    const { name, version } = nodePackage()
    const folder = join(root, '.millrace/toolchain')
    expect(toolchain.node).toBe(join(folder, 'node_modules', name, 'bin/node'))
    expect(toolchain.nodeVersion).toBe(version)
    expect(npmCalls()).toHaveLength(1)
    expect(npmCalls()[0]).toContain(`--prefix ${folder} --no-save`)
    expect(npmCalls()[0]).toContain('--ignore-scripts')
    expect(npmCalls()[0]).toMatch(new RegExp(`${name}@${version} pnpm@${pinned}$`))
  })

  test('calls npm no second time, also when a newer Node starts it', async () => {
    machineNpm()
    const first = await ensure('v18.0.0')
    rmSync(join(bin, 'npm'))
    expect(await ensure('v18.0.0')).toEqual(first)
    expect((await ensure('v24.0.0')).node).toBe(process.execPath)
  })

  test('begins anew after an installation that was killed half way', async () => {
    machineNpm()
    await ensure('v20.0.0')
    rmSync(join(root, '.millrace/toolchain/installed.json'))
    await ensure('v20.0.0')
    expect(npmCalls()).toHaveLength(2)
  })

  test('says what npm said when npm fails, and what helps', async () => {
    machineNpm('echo "npm error network: unreachable" >&2; exit 7')
    const failed = ensure('v20.0.0')
    await expect(failed).rejects.toBeInstanceOf(Problem)
    await expect(failed).rejects.toThrow(/exit code 7[\s\S]*network: unreachable[\s\S]*install Node 24/)
  })

  test('stops npm when it is asked to', async () => {
    machineNpm('sleep 600')
    const stop = new AbortController()
    const stopped = ensure('v20.0.0', stop.signal)
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ name: 'Interrupted' })
  })
})

test('a platform that npm has no Node for is told what to do', () => {
  expect(() => nodePackage('win32', 'x64')).toThrow(/win32-x64.*WSL/)
  expect(() => nodePackage('linux', 'riscv64')).toThrow(/install Node 24/)
})
