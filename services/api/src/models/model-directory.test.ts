import type { WorkerStatus } from '@millrace/contracts/jobs'
import { expect, test, vi } from 'vitest'
import { ModelDirectory } from './model-directory.ts'

function worker(id: string, startedAtMs: number, models: WorkerStatus['models']): WorkerStatus {
  return { id, startedAtMs, models, device: 'cpu', pid: 1, host: 'h', consumers: [], draining: false, busySlots: 0 }
}

const chat = { id: 'chat', kind: 'generation', contextSize: 100, slots: 1 } as const
const embedder = { id: 'embedder', kind: 'embedding', contextSize: 100, slots: 1 } as const
const configured = [
  { id: 'chat', kind: 'generation' },
  { id: 'configured', kind: 'generation' },
] as const

function directory(list: () => Promise<WorkerStatus[]>, cacheMs = 60_000) {
  return new ModelDirectory({ workers: { list }, configured, cacheMs })
}

test('a model that a live worker serves is found', async () => {
  const models = directory(async () => [worker('w', 1, [chat])])
  expect(await models.require('chat', 'generation')).toEqual(chat)
})

test('each way of not being served has its code', async () => {
  const models = directory(async () => [worker('w', 1, [chat, embedder])])
  await expect(models.require('nobody', 'generation')).rejects.toMatchObject({
    code: 'model_not_found',
    param: 'model',
  })
  await expect(models.require('configured', 'generation')).rejects.toMatchObject({ code: 'model_unavailable' })
  await expect(models.require('embedder', 'generation')).rejects.toMatchObject({ code: 'invalid_request' })
  await expect(models.require('chat', 'embedding')).rejects.toMatchObject({ code: 'invalid_request', param: 'model' })
})

test('the list has every model once, as old as the first worker that serves it', async () => {
  const workers = [worker('young', 9_000, [embedder]), worker('old', 2_000, [embedder])]
  const models = directory(async () => workers)
  expect(await models.list()).toMatchObject([{ id: 'chat' }, { id: 'configured' }, { id: 'embedder', created: 2 }])
  expect(await models.get('embedder')).toMatchObject({ object: 'model', owned_by: 'millrace' })
  await expect(models.get('nobody')).rejects.toMatchObject({ code: 'model_not_found' })
})

test('many questions at once are one look-up', async () => {
  const list = vi.fn(async () => [worker('w', 1, [chat])])
  const models = directory(list)
  await Promise.all(Array.from({ length: 10 }, () => models.require('chat', 'generation')))
  expect(list).toHaveBeenCalledOnce()
})

test('a look-up that fails is not remembered', async () => {
  const list = vi.fn<() => Promise<WorkerStatus[]>>().mockRejectedValueOnce(new Error('away'))
  list.mockResolvedValue([worker('w', 1, [chat])])
  const models = directory(list)
  await expect(models.require('chat', 'generation')).rejects.toMatchObject({ code: 'queue_unavailable' })
  expect(await models.require('chat', 'generation')).toEqual(chat)
})
