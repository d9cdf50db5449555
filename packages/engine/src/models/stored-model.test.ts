import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ensureModel } from './ensure-model.ts'
import type { ModelCard } from './model-card.ts'
import { ggufLike } from './testing/gguf-like.ts'
import { type StandInHub, startStandInHub } from './testing/stand-in-hub.ts'

const content = ggufLike(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')
const card: ModelCard = {
  id: 'some',
  label: 'Some',
  storedAs: 'some',
  file: { name: 'some.gguf', sha256 },
  sources: [{ type: 'hub-file', repository: 'someone/some', revision: 'main', path: 'some.gguf' }],
}
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

const ensure = () => ensureModel(card, { modelsDir, hfToken: undefined })

describe('a stored model', () => {
  test('that was cut short is noticed and fetched again', async () => {
    const path = await ensure()
    await truncate(path, 200_000)
    expect(await readFile(await ensure())).toEqual(content)
    expect(hub.downloads()).toHaveLength(2)
  })

  test('that was overwritten by as many other bytes is noticed and fetched again', async () => {
    await writeFile(await ensure(), ggufLike(content.length))
    expect(await readFile(await ensure())).toEqual(content)
    expect(hub.downloads()).toHaveLength(2)
  })

  test('whose time has changed, as in a copied folder, is checked by its content once and kept', async () => {
    const steps: string[] = []
    const onProgress = (step: string) => void steps.push(step)
    await utimes(await ensure(), 1, 1)
    await ensureModel(card, { modelsDir, hfToken: undefined, onProgress })
    expect(new Set(steps)).toEqual(new Set(['Checking Some']))
    steps.length = 0
    await ensureModel(card, { modelsDir, hfToken: undefined, onProgress })
    expect(steps).toEqual([])
    expect(hub.downloads()).toHaveLength(1)
  })

  test('whose record is damaged is verified again and not fetched', async () => {
    await ensure()
    await writeFile(join(modelsDir, 'some.json'), '{"files": [{"na')
    await ensure()
    await ensure()
    expect(hub.downloads()).toHaveLength(1)
  })

  test('that someone copied here is taken when its checksum is the known one', async () => {
    await writeFile(join(modelsDir, 'some.gguf'), content)
    expect(await ensure()).toBe(join(modelsDir, 'some.gguf'))
    expect(hub.requests).toEqual([])
  })

  test('is refused when the hub serves, and announces, another content than the card knows', async () => {
    const forged = { ...card, file: { name: 'some.gguf', sha256: 'f'.repeat(64) } }
    await expect(ensureModel(forged, { modelsDir, hfToken: undefined })).rejects.toThrow(
      `SHA-256 ${sha256}, expected ffff`,
    )
  })
})
