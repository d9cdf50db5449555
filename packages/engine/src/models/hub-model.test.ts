import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { modelCard } from './catalogue.ts'
import { ensureModel } from './ensure-model.ts'
import { ggufLike } from './testing/gguf-like.ts'
import { type StandInHub, startStandInHub } from './testing/stand-in-hub.ts'

const content = ggufLike(1_000_000)
const parts = [ggufLike(200_000), ggufLike(100_000)] as const
const uri = 'hf:someone/some-GGUF/some.gguf'
let hub: StandInHub
let modelsDir: string

beforeEach(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'millrace-models-'))
  hub = await startStandInHub({
    'some.gguf': content,
    'Q8_0/big-00001-of-00002.gguf': parts[0],
    'Q8_0/big-00002-of-00002.gguf': parts[1],
  })
  vi.stubEnv('HF_ENDPOINT', hub.url)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.stop()
  await rm(modelsDir, { recursive: true })
})

const ensure = (modelId: string, hfToken?: string) => ensureModel(modelCard(modelId), { modelsDir, hfToken })
const namesIn = (folder: string) => readdir(join(modelsDir, folder)).then((names) => names.sort())

describe('a model from the hub', () => {
  test('arrives whole, beside its record and nothing else', async () => {
    const path = await ensure(uri)
    expect(await readFile(path)).toEqual(content)
    expect(await namesIn('hf/someone/some-GGUF')).toEqual(['some.gguf', 'some.json'])
  })

  test('is fetched once: the next start asks nobody', async () => {
    await ensure(uri)
    const asked = hub.requests.length
    await ensure(uri)
    expect(hub.requests.length).toBe(asked)
  })

  test('reports its way in whole percents, from 0 to 1', async () => {
    const fractions: number[] = []
    const onProgress = (step: string, fraction: number) => {
      if (step === 'Downloading some (1 MB)') fractions.push(fraction)
    }
    await ensureModel(modelCard(uri), { modelsDir, hfToken: undefined, onProgress })
    expect(fractions.length).toBeGreaterThan(5)
    expect(fractions.at(-1)).toBe(1)
    expect(fractions).toEqual([...new Set(fractions)].sort((a, b) => a - b))
  })

  test('continues after cut connections where it stopped', async () => {
    hub.behaviour.cutAfterBytes = 400_000
    expect(await readFile(await ensure(uri))).toEqual(content)
    const [first, ...resumed] = hub.downloads()
    expect(first?.range).toBeUndefined()
    expect(resumed.length).toBeGreaterThan(0)
    for (const { range } of resumed) expect(range).toMatch(/^bytes=[1-9]\d+-999999$/)
  })

  test('with another content than the hub announced is refused, and fetched anew the next time', async () => {
    hub.behaviour.announcedSha256 = '0'.repeat(64)
    await expect(ensure(uri)).rejects.toThrow(/some\.gguf has the wrong content: SHA-256 \w+, expected 0000/)
    expect(await namesIn('hf/someone/some-GGUF')).toEqual(['some.incoming'])
    expect(await namesIn('hf/someone/some-GGUF/some.incoming')).toEqual([])
    delete hub.behaviour.announcedSha256
    expect(await readFile(await ensure(uri))).toEqual(content)
  })

  test('in a named quantization may have several parts; the first is the one to load', async () => {
    const path = await ensure('hf:someone/some-GGUF:Q8_0')
    expect(path).toBe(join(modelsDir, 'hf/someone/some-GGUF/big-00001-of-00002.gguf'))
    expect(await readFile(path)).toEqual(parts[0])
    expect(await readFile(path.replace('00001-of', '00002-of'))).toEqual(parts[1])
    const asked = hub.requests.length
    expect(await ensure('hf:someone/some-GGUF:Q8_0')).toBe(path)
    expect(hub.requests.length).toBe(asked)
  })

  test('that the hub does not have is an error which names it', async () => {
    await expect(ensure('hf:someone/some-GGUF/other.gguf')).rejects.toThrow(
      'someone/some-GGUF has no file other.gguf at main',
    )
    await expect(ensure('hf:someone/some-GGUF:Q2_K')).rejects.toThrow('someone/some-GGUF has no GGUF file "Q2_K"')
  })
})

describe('HF_TOKEN', () => {
  test('goes to the hub as a bearer token, and not to the storage that the hub redirects to', async () => {
    hub.behaviour.token = 'hf_secret'
    await ensure(uri, 'hf_secret')
    const sent = new Set(hub.requests.map(({ server, authorization }) => `${server} ${authorization}`))
    expect(sent).toEqual(new Set(['hub Bearer hf_secret', 'storage undefined']))
  })

  test('is asked for when the hub refuses without it', async () => {
    hub.behaviour.token = 'hf_secret'
    await expect(ensure(uri)).rejects.toThrow('the hub answered 401: it needs HF_TOKEN, or does not exist')
    await expect(ensure('hf:someone/some-GGUF:Q8_0')).rejects.toThrow('it needs HF_TOKEN')
  })

  test('is asked for when only the content is gated', async () => {
    Object.assign(hub.behaviour, { token: 'hf_secret', gated: true })
    await expect(ensure(uri)).rejects.toThrow('the hub answered 401: it needs HF_TOKEN')
  })

  test('that may not read the model is said to be so, without being shown', async () => {
    hub.behaviour.token = 'hf_secret'
    const failure = await ensure(uri, 'hf_other').catch((error: unknown) => String(error))
    expect(failure).toContain('the account of HF_TOKEN may not read it')
    expect(failure).not.toContain('hf_other')
  })
})
