import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'millrace-models-'))
const model = join(folder, 'mine.gguf')
writeFileSync(model, 'GGUF and more')
afterAll(() => rmSync(folder, { recursive: true }))

function fetchModels(env: Record<string, string>, ...modelIds: string[]) {
  const { PATH = '', HOME = '' } = process.env
  return spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...modelIds], {
    env: { PATH, HOME, DATA_DIR: folder, ...env },
    encoding: 'utf8',
  })
}

test('the two models of the settings are made sure of, and their paths printed', () => {
  const { status, stdout, stderr } = fetchModels({ MODEL_ID: model, EMBEDDING_MODEL_ID: model })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toBe(`mine is ready: ${model}\n`.repeat(2))
})

test('models named on the command line are taken instead', () => {
  const { status, stdout } = fetchModels({ MODEL_ID: 'unknown' }, model)
  expect({ status, stdout }).toEqual({ status: 0, stdout: `mine is ready: ${model}\n` })
})

test('an unknown model ends with exit code 1 and what is accepted, before anything is fetched', () => {
  const { status, stdout, stderr } = fetchModels({}, model, 'unknown')
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain('Unknown model "unknown". Accepted are: "smollm2-135m-instruct"')
})

test('a model that cannot be had ends with exit code 1, the reasons and what to do', () => {
  const env = { HF_ENDPOINT: 'http://127.0.0.1:9', PATH: folder }
  const { status, stderr } = fetchModels(env, 'smollm2-135m-instruct')
  expect(status).toBe(1)
  expect(stderr).toContain('the hub cannot be reached')
  expect(stderr).toContain('python3 is not on the PATH')
  expect(stderr).toContain('set MODEL_ID to its path')
})
