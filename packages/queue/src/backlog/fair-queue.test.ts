import type { ServiceClass } from '@millrace/contracts/jobs'
import { eventually, uniquePrefix } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HandBackError } from '../hand-back-error.ts'
import type { Delivery } from '../job-consumer.ts'
import type { Admitted, JobQueue } from '../job-queue.ts'
import { aJob, QueueFixture } from '../queue-fixture.ts'

let fixture: QueueFixture
beforeAll(async () => {
  fixture = await QueueFixture.start()
})
afterAll(() => fixture.stop())

const limits = { jobs: 10_000, tokens: 100_000_000, tenantShare: 1 }
type Wish = { tenant?: string; serviceClass?: ServiceClass; costTokens?: number; behindTokens?: number }

async function submit(queue: JobQueue, id: string, wish: Wish = {}): Promise<Admitted> {
  const { tenant = 'tenant', serviceClass = 'default', costTokens = 100, behindTokens = 0 } = wish
  const job = { ...aJob(id), tenant }
  const admitted = await queue.admit(job, {
    jobs: [{ id, costTokens }],
    tenant,
    serviceClass,
    behindTokens,
    limits,
  })
  await queue.submit(job, { priority: admitted.priorities[0] ?? 1 })
  return admitted
}

/** Runs each job until it is let go, or its signal aborts. */
class Slots {
  readonly started: string[] = []
  readonly handedBack: string[] = []
  readonly #ends = new Map<string, () => void>()
  #isOver = false

  readonly handle = async (delivery: Delivery): Promise<void> => {
    const { id } = delivery.job
    this.started.push(id)
    delivery.advance(10)
    if (this.#isOver) return
    await new Promise<void>((resolve, reject) => {
      this.#ends.set(id, resolve)
      delivery.signal.addEventListener('abort', () => reject(delivery.signal.reason))
    }).catch((error: unknown) => {
      if (error instanceof HandBackError) this.handedBack.push(id)
      throw error
    })
  }

  async end(id: string): Promise<void> {
    await eventually(() => this.#ends.has(id))
    this.#ends.get(id)?.()
    this.#ends.delete(id)
  }

  /** Ends what runs, and whatever comes. */
  endAll(): void {
    this.#isOver = true
    for (const end of this.#ends.values()) end()
  }
}

test('another tenant waits for one job of one that has queued many', async () => {
  const prefix = uniquePrefix()
  const queue = fixture.queue(prefix)
  for (let index = 0; index < 30; index++) await submit(queue, `many-${index}`, { tenant: 'many' })
  const slots = new Slots()
  await fixture.consumer(prefix, { handle: slots.handle })
  await eventually(() => slots.started.length === 1)
  await submit(queue, 'one', { tenant: 'one' })
  await slots.end('many-0')
  await eventually(() => slots.started.length === 2)
  expect(slots.started).toEqual(['many-0', 'one'])
  await slots.end('one')
  await eventually(() => slots.started.length === 3)
  expect(slots.started[2]).toBe('many-1')
  slots.endAll()
})

test('a job that nobody has taken tells its position; one that is cancelled makes room', async () => {
  const queue = fixture.queue(uniquePrefix())
  for (const id of ['a', 'b', 'c']) await submit(queue, id)
  const c = { id: 'c', kind: 'generation', model: 'm' } as const
  expect(await queue.position(c)).toEqual({ jobsAhead: 2, jobsWaiting: 3, tokensWaiting: 300, tokensRunning: 0 })
  expect(await queue.cancel({ ...c, id: 'a' })).toBe('removed')
  expect(await queue.position(c)).toEqual({ jobsAhead: 1, jobsWaiting: 2, tokensWaiting: 200, tokensRunning: 0 })
})

test('priorities begin anew before they run out, and the order stays', async () => {
  const prefix = uniquePrefix()
  const queue = fixture.queue(prefix)
  const slots = new Slots()
  await submit(queue, 'giant', { costTokens: 20_000_000 })
  await fixture.consumer(prefix, { handle: slots.handle })
  await eventually(() => slots.started.length === 1)
  await submit(queue, 'after-it')
  await submit(queue, 'other', { tenant: 'other' })
  await slots.end('giant')
  await slots.end('other')
  await eventually(() => slots.started.length === 3)
  for (const id of ['next-1', 'next-2']) await submit(queue, id)
  expect(await submit(queue, 'other-2', { tenant: 'other' })).toMatchObject({ base: 20_000_000, priorities: [1] })
  slots.endAll()
  await eventually(() => slots.started.length === 6)
  expect(slots.started).toEqual(['giant', 'other', 'after-it', 'next-1', 'other-2', 'next-2'])
})

describe('preemption', () => {
  const batch = { serviceClass: 'batch', behindTokens: 1_000_000 } as const

  test('the batch job that is last in line gives its slot to somebody who waits, and continues later', async () => {
    const prefix = uniquePrefix()
    const queue = fixture.queue(prefix)
    const slots = new Slots()
    for (const id of ['line-1', 'line-2']) await submit(queue, id, batch)
    await fixture.consumer(prefix, { handle: slots.handle, concurrency: 2 })
    await eventually(() => slots.started.length === 2)
    await submit(queue, 'chat')
    await eventually(() => slots.started.length === 3)
    expect(slots.started).toEqual(['line-1', 'line-2', 'chat'])
    expect(slots.handedBack).toEqual(['line-2'])
    await slots.end('chat')
    await eventually(() => slots.started.length === 4)
    expect(slots.started.at(-1)).toBe('line-2')
    slots.endAll()
  })

  test('one waiting job makes one job yield, in the whole cluster', async () => {
    const prefix = uniquePrefix()
    const queue = fixture.queue(prefix)
    const workers = [new Slots(), new Slots(), new Slots()]
    for (const slots of workers) await fixture.consumer(prefix, { handle: slots.handle })
    for (const id of ['line-1', 'line-2', 'line-3']) await submit(queue, id, batch)
    await eventually(() => workers.every(({ started }) => started.length === 1))
    await submit(queue, 'chat')
    await eventually(() => workers.some(({ started }) => started.includes('chat')))
    await submit(queue, 'late-line', batch)
    const handedBack = () => workers.flatMap((slots) => slots.handedBack)
    expect(handedBack()).toHaveLength(1)
    const owner = workers.find(({ started }) => started.includes('chat'))
    await owner?.end('chat')
    await eventually(() => owner?.started.length === 3)
    expect(handedBack()).toHaveLength(1)
    for (const slots of workers) slots.endAll()
  })

  test('nobody yields to work of its own kind, or while a slot is free', async () => {
    const prefix = uniquePrefix()
    const queue = fixture.queue(prefix)
    const slots = new Slots()
    await submit(queue, 'chat-1')
    await submit(queue, 'line-1', batch)
    await fixture.consumer(prefix, { handle: slots.handle, concurrency: 3 })
    await submit(queue, 'chat-2')
    await eventually(() => slots.started.length === 3)
    await submit(queue, 'line-2', batch)
    await slots.end('chat-1')
    await eventually(() => slots.started.includes('line-2'))
    expect(slots.handedBack).toEqual([])
    slots.endAll()
  })
})
