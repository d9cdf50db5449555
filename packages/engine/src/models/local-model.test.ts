import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { modelCard } from './catalogue.ts'
import { ensureModel } from './ensure-model.ts'
import { ModelUnavailableError } from './model-unavailable-error.ts'
import { ggufLike } from './testing/gguf-like.ts'

let folder: string
const ensure = (path: string) => ensureModel(modelCard(path), { modelsDir: join(folder, 'unused'), hfToken: undefined })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-models-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

describe('a model file of the operator', () => {
  test('is used where it lies', async () => {
    const path = join(folder, 'mine.gguf')
    await writeFile(path, ggufLike(100))
    expect(await ensure(path)).toBe(path)
  })

  test('may be named relative to where the command was typed', async () => {
    await writeFile(join(folder, 'mine.gguf'), ggufLike(100))
    vi.stubEnv('INIT_CWD', folder)
    expect(await ensure('mine.gguf')).toBe(join(folder, 'mine.gguf'))
    vi.stubEnv('INIT_CWD', undefined)
    expect(await ensure(relative(process.cwd(), join(folder, 'mine.gguf')))).toBe(join(folder, 'mine.gguf'))
  })

  test('that does not exist is an error which says where it was looked for and what to do', async () => {
    const failure = await ensure(join(folder, 'missing.gguf')).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ModelUnavailableError)
    expect(String(failure)).toContain(`there is no file ${join(folder, 'missing.gguf')}`)
    expect(String(failure)).toContain('Set MODEL_ID')
  })

  test.each([
    ['an empty file', ''],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n'],
  ])('that is %s is refused', async (_, content) => {
    await writeFile(join(folder, 'bad.gguf'), content)
    await expect(ensure(join(folder, 'bad.gguf'))).rejects.toThrow('is not a GGUF file')
  })

  test('that is a folder is refused', async () => {
    await mkdir(join(folder, 'folder.gguf'))
    await expect(ensure(join(folder, 'folder.gguf'))).rejects.toThrow('is not a file')
  })

  test('that is split must have all of its parts', async () => {
    const first = join(folder, 'big-00001-of-00002.gguf')
    await writeFile(first, ggufLike(100))
    await expect(ensure(first)).rejects.toThrow('big-00002-of-00002.gguf')
    await writeFile(join(folder, 'big-00002-of-00002.gguf'), ggufLike(100))
    expect(await ensure(first)).toBe(first)
  })
})
