import type { ServedModel, WorkerStatus } from '@millrace/contracts/jobs'
import { eventually, uniquePrefix } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobConsumer } from './job-consumer.ts'
import { JobRecovery } from './job-recovery.ts'
import { aJob, HoldingHandler, QueueFixture } from './queue-fixture.ts'

let fixture: QueueFixture
beforeAll(async () => {
  fixture = await QueueFixture.start()
})
afterAll(() => fixture.stop())

const models: ServedModel[] = [{ id: 'm', kind: 'generation', contextSize: 1, slots: 1 }]

function statusOf({ id }: JobConsumer): WorkerStatus {
  const idle = { device: 'cpu', pid: 1, host: 'here', startedAtMs: 0, draining: false, busySlots: 0 }
  return { ...idle, id, models, consumers: [id] }
}

async function aHeldJob(id: string) {
  const prefix = uniquePrefix()
  const [queue, lost, next] = [fixture.queue(prefix), new HoldingHandler(), new HoldingHandler()]
  const consumer = await fixture.consumer(prefix, { handle: lost.handle })
  await queue.submit(aJob(id), { priority: 1 })
  await eventually(() => lost.ids.length === 1)
  const recovery = new JobRecovery({ redis: fixture.connect('producer'), prefix })
  return { prefix, queue, consumer, lost, next, recovery }
}

describe('recoverFrom', () => {
  it('gives the jobs of a dead worker to another one at once, and says that it is not their first attempt', async () => {
    const { prefix, consumer, lost, next, recovery } = await aHeldJob('orphan')
    await fixture.consumer(prefix, { handle: next.handle })
    expect(await recovery.recoverFrom(statusOf(consumer))).toEqual(['orphan'])
    await eventually(() => next.ids.length === 1, { timeoutMs: 900 })
    expect([lost.deliveries[0]?.crashes, next.deliveries[0]?.crashes]).toEqual([0, 1])
    lost.release()
    next.release()
  })

  it('leaves the jobs of other workers alone', async () => {
    const { consumer, lost, recovery } = await aHeldJob('held')
    expect(await recovery.recoverFrom({ ...statusOf(consumer), consumers: ['somebody else'] })).toEqual([])
    lost.release()
  })

  it('counts crashes until the job is exonerated', async () => {
    const { prefix, consumer, lost, recovery } = await aHeldJob('suspect')
    const crashes: number[] = []
    const handlers = Array.from({ length: 3 }, () => new HoldingHandler())
    let last = consumer
    for (const handler of handlers) {
      await recovery.recoverFrom(statusOf(last))
      last = await fixture.consumer(prefix, { handle: handler.handle })
      await eventually(() => handler.ids.length === 1)
      crashes.push(handler.deliveries[0]?.crashes ?? -1)
      if (crashes.length === 2) await handler.deliveries[0]?.exonerate()
    }
    expect(crashes).toEqual([1, 2, 1])
    for (const handler of [lost, ...handlers]) handler.release()
  })
})

describe('a job that only waits in its worker', () => {
  it('is not blamed for the death of that worker, until it begins', async () => {
    const { prefix, consumer, lost, next, recovery } = await aHeldJob('waiting')
    await lost.deliveries[0]?.countCrashes(false)
    await recovery.recoverFrom(statusOf(consumer))
    const second = await fixture.consumer(prefix, { handle: next.handle })
    await eventually(() => next.ids.length === 1)
    expect(next.deliveries[0]?.crashes).toBe(0)
    await next.deliveries[0]?.countCrashes(true)
    const last = new HoldingHandler()
    await recovery.recoverFrom(statusOf(second))
    await fixture.consumer(prefix, { handle: last.handle })
    await eventually(() => last.ids.length === 1)
    expect(last.deliveries[0]?.crashes).toBe(1)
    for (const handler of [lost, next, last]) handler.release()
  })
})

describe('sweep', () => {
  it('takes a job back when no live worker holds it, at the second look', async () => {
    const { prefix, lost, next, recovery } = await aHeldJob('orphan')
    await fixture.consumer(prefix, { handle: next.handle })
    expect(await recovery.sweep(models, [])).toEqual([])
    expect(await recovery.sweep(models, [])).toEqual(['orphan'])
    await eventually(() => next.ids.length === 1)
    lost.release()
    next.release()
  })

  it('leaves jobs whose worker is alive, and forgets a suspicion once it announces itself', async () => {
    const { consumer, lost, recovery } = await aHeldJob('held')
    expect(await recovery.sweep(models, [])).toEqual([])
    expect(await recovery.sweep(models, [statusOf(consumer)])).toEqual([])
    expect(await recovery.sweep(models, [])).toEqual([])
    lost.release()
  })
})
