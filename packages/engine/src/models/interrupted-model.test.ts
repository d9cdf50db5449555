import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@millrace/testkit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { modelCard } from './catalogue.ts'
import { ensureModel } from './ensure-model.ts'
import { ensureInProcess } from './testing/ensure-in-process.ts'
import { ggufLike } from './testing/gguf-like.ts'
import { type StandInHub, startStandInHub } from './testing/stand-in-hub.ts'

const content = ggufLike(2_000_000)
const uri = 'hf:someone/some-GGUF/some.gguf'
let hub: StandInHub
let modelsDir: string

beforeEach(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'millrace-models-'))
  hub = await startStandInHub({ 'some.gguf': content })
  vi.stubEnv('HF_ENDPOINT', hub.url)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.stop()
  await rm(modelsDir, { recursive: true })
})

const allFiles = () => readdir(modelsDir, { recursive: true })

async function partBytes(): Promise<number> {
  const part = (await allFiles()).find((name) => name.endsWith('.part'))
  return part ? (await stat(join(modelsDir, part))).size : 0
}

describe('a fetch', () => {
  test('that is killed in mid-download leaves nothing that looks whole, and the next one goes on from there', async () => {
    hub.behaviour.chunkPauseMs = 50
    const { child, ended } = ensureInProcess(uri, modelsDir, { HF_ENDPOINT: hub.url })
    await eventually(async () => (await partBytes()) > 0, { timeoutMs: 20_000 })
    child.kill('SIGKILL')
    await ended
    expect((await allFiles()).filter((name) => /\.(gguf|json)$/.test(name))).toEqual([])
    hub.behaviour.chunkPauseMs = 0
    const path = await ensureModel(modelCard(uri), { modelsDir, hfToken: undefined })
    expect(await readFile(path)).toEqual(content)
    expect(hub.downloads().at(-1)?.range).toMatch(/^bytes=[1-9]/)
    expect((await allFiles()).filter((name) => /part|incoming|lock/.test(name))).toEqual([])
  })

  test('by two processes at once happens once, and both get the file', async () => {
    hub.behaviour.chunkPauseMs = 20
    const both = [1, 2].map(() => ensureInProcess(uri, modelsDir, { HF_ENDPOINT: hub.url }).ended)
    const path = join(modelsDir, 'hf/someone/some-GGUF/some.gguf')
    expect(await Promise.all(both)).toEqual([
      { code: 0, path },
      { code: 0, path },
    ])
    expect(hub.downloads()).toHaveLength(1)
  })

  test('twice at once in one process happens once', async () => {
    const ensure = () => ensureModel(modelCard(uri), { modelsDir, hfToken: undefined })
    const [first, second] = await Promise.all([ensure(), ensure()])
    expect(first).toBe(second)
    expect(hub.downloads()).toHaveLength(1)
  })

  test('that its caller aborts ends with the reason, and keeps the part', async () => {
    hub.behaviour.chunkPauseMs = 50
    const stop = new AbortController()
    const onProgress = (_: string, fraction: number) => fraction > 0.2 && stop.abort(new Error('enough'))
    const fetching = ensureModel(modelCard(uri), { modelsDir, hfToken: undefined, onProgress, signal: stop.signal })
    await expect(fetching).rejects.toThrow('enough')
    const files = await allFiles()
    expect(files.filter((name) => name.endsWith('.part'))).toHaveLength(1)
    expect(files.filter((name) => name.endsWith('.lock'))).toEqual([])
  })
})
