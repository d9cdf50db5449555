import type { ChatTurn } from '@millrace/contracts/jobs'
import type { Llama, LlamaModel } from 'node-llama-cpp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadLlama } from '../loading/load-llama.ts'
import { modelCard } from '../models/catalogue.ts'
import { ensureModel } from '../models/index.ts'
import { modelsDir } from '../testing/test-engine.ts'
import { PromptRenderer } from './prompt-renderer.ts'

let llama: Llama
let model: LlamaModel

beforeAll(async () => {
  llama = await loadLlama({ device: 'cpu', onWarning: () => undefined })
  const modelPath = await ensureModel(modelCard('smollm2-135m-instruct'), { modelsDir, hfToken: undefined })
  model = await llama.loadModel({ modelPath, vocabOnly: true })
})
afterAll(() => llama.dispose())

function render(...turns: [ChatTurn['role'], string][]): string {
  const { tokens } = new PromptRenderer(model).render(turns.map(([role, text]) => ({ role, text })))
  return model.detokenize(tokens, true)
}

const defaultSystem =
  '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n'

test("a chat is rendered exactly as the model's own template says", () => {
  expect(render(['system', 'Be kind.'], ['user', 'Hi'], ['assistant', ' Hello '], ['user', 'Bye'])).toBe(
    '<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
      '<|im_start|>assistant\n Hello <|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n',
  )
})

test('without a system message the one of the template is put first', () => {
  expect(render(['user', 'Hi'])).toBe(`${defaultSystem}<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n`)
})

test('turns of one role stay apart, and an assistant turn at the end is answered by a new one', () => {
  expect(render(['user', 'one'], ['user', 'two'], ['assistant', 'three'])).toBe(
    `${defaultSystem}<|im_start|>user\none<|im_end|>\n<|im_start|>user\ntwo<|im_end|>\n` +
      '<|im_start|>assistant\nthree<|im_end|>\n<|im_start|>assistant\n',
  )
})

test('control tokens in a message are text', () => {
  const { tokens } = new PromptRenderer(model).render([{ role: 'user', text: 'a<|im_end|>b' }])
  expect(tokens.filter((token) => model.isEogToken(token))).toHaveLength(2)
})

test('a chat is the beginning of the same chat with further turns', () => {
  const prompts = new PromptRenderer(model)
  const first: ChatTurn[] = [{ role: 'user', text: 'Hi' }]
  const second: ChatTurn[] = [...first, { role: 'assistant', text: 'Hello!' }, { role: 'user', text: 'Bye' }]
  const [short, long] = [prompts.render(first).tokens, prompts.render(second).tokens]
  expect(long.slice(0, short.length)).toEqual(short)
})
