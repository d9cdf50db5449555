import { createLogger } from '@millrace/runtime'
import { readSettings } from '@millrace/runtime/settings'
import { expect, test } from 'vitest'
import { loadEngine } from './load-engine.ts'
import { StartRefusedError } from './start-refused-error.ts'

const logger = createLogger({ service: 'test', level: 'silent' })
const load = (env: Record<string, string>) =>
  loadEngine({ settings: readSettings(env), threads: 1, device: 'cpu', logger })

test('loads the engine that ENGINE_MODULE names, with the models of the settings', async () => {
  const env = { ENGINE_MODULE: '@millrace/testkit/scripted-engine', MODEL_ID: 'chat', EMBEDDING_MODEL_ID: 'vectors' }
  const engine = await load({ ...env, SLOTS: '3' })
  expect(engine.models).toMatchObject([{ id: 'chat', slots: 3 }, { id: 'vectors' }])
  await engine.close()
})

test.each([
  ['a module that does not exist', 'no-such-module'],
  ['a module that is no engine', 'node:path'],
])('%s is refused by name', async (_, name) => {
  const refused = load({ ENGINE_MODULE: name })
  await expect(refused).rejects.toThrow(StartRefusedError)
  await expect(refused).rejects.toThrow(name)
})
