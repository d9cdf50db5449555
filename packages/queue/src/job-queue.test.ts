import { eventually, uniquePrefix } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aJob, HoldingHandler, QueueFixture } from './queue-fixture.ts'

let fixture: QueueFixture
beforeAll(async () => {
  fixture = await QueueFixture.start()
})
afterAll(() => fixture.stop())

const upTo = (last: number) => Array.from({ length: last }, (_, index) => `job-${index + 1}`)
const generations = { kind: 'generation', model: 'm' } as const

describe('JobQueue', () => {
  it('hands each job, whole, to exactly one of two consumers', async () => {
    const prefix = uniquePrefix()
    const [queue, first, second] = [fixture.queue(prefix), new HoldingHandler(), new HoldingHandler()]
    for (const handler of [first, second]) handler.release()
    await fixture.consumer(prefix, { handle: first.handle, concurrency: 4 })
    await fixture.consumer(prefix, { handle: second.handle, concurrency: 4 })
    const jobs = upTo(60).map((id) => aJob(id))
    await Promise.all(jobs.map((job) => queue.submit(job, { priority: 1 })))
    await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual({ waiting: 0, active: 0 }))
    const delivered = [...first.deliveries, ...second.deliveries].map(({ job }) => job)
    expect(delivered).toHaveLength(60)
    expect(new Set(delivered.map(({ id }) => id)).size).toBe(60)
    expect(jobs).toContainEqual(delivered[0])
  })

  it('takes a job once, however often it is submitted while it waits or runs', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    for (let times = 0; times < 3; times++) await queue.submit(aJob('same'), { priority: 1 })
    expect(await queue.counts('m', 'generation')).toEqual({ waiting: 1, active: 0 })
    await fixture.consumer(prefix, { handle: handler.handle })
    await eventually(() => handler.ids.length === 1)
    await queue.submit(aJob('same'), { priority: 1 })
    expect(await queue.counts('m', 'generation')).toEqual({ waiting: 0, active: 1 })
    handler.release()
    await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual({ waiting: 0, active: 0 }))
    expect(handler.ids).toEqual(['same'])
  })

  it('runs the lowest priority number first, and equal ones in the order of submission', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    handler.release()
    for (const [id, priority] of [
      ['d', 20],
      ['b', 10],
      ['e', 20],
      ['a', 1],
      ['c', 10],
    ] as const) {
      await queue.submit(aJob(id), { priority })
    }
    await fixture.consumer(prefix, { handle: handler.handle })
    await eventually(() => handler.ids.length === 5)
    expect(handler.ids).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('keeps models apart, whatever their ids look like', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    const models = ['hf:Org/Model-1', 'hf:Org/Model:1', 'm'.repeat(300), '']
    for (const [index, model] of models.entries()) await queue.submit(aJob(`job-${index}`, { model }), { priority: 1 })
    for (const model of models) expect(await queue.counts(model, 'generation')).toEqual({ waiting: 1, active: 0 })
    expect(await queue.counts('m', 'embedding')).toEqual({ waiting: 0, active: 0 })
    await fixture.consumer(prefix, { handle: handler.handle, model: 'hf:Org/Model:1' })
    await eventually(() => handler.ids.length === 1)
    expect(handler.ids).toEqual(['job-1'])
    handler.release()
  })

  it('leaves nothing of finished jobs in Redis, and no key outside its prefix', async () => {
    const prefix = uniquePrefix()
    const [queue, handler, redis] = [fixture.queue(prefix), new HoldingHandler(), fixture.connect('producer')]
    const before = await redis.keys('*')
    handler.release()
    await fixture.consumer(prefix, { handle: handler.handle, concurrency: 8 })
    const run = async (ids: string[]) => {
      const earlier = handler.ids.length
      await Promise.all(ids.map((id) => queue.submit(aJob(id), { priority: 3 })))
      await eventually(() => handler.ids.length === earlier + ids.length)
      await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual({ waiting: 0, active: 0 }))
      // Of the queue itself; the lock of the stalled check comes and goes.
      return (await redis.keys(`${prefix}:*`)).filter((key) => !key.includes('stalled')).sort()
    }
    await run(['first'])
    const kept = await run(upTo(300))
    expect(kept.length).toBeLessThanOrEqual(5)
    expect(kept.filter((key) => key.includes('job-'))).toEqual([])
    const events = kept.find((key) => key.endsWith(':events')) ?? ''
    expect(await redis.xlen(events)).toBeLessThan(300)
    const strangers = (await redis.keys('*')).filter((key) => !before.includes(key) && !key.startsWith(`${prefix}:`))
    expect(strangers).toEqual([])
  })
})

describe('cancelling', () => {
  it('removes a job that is still waiting', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    await queue.submit(aJob('unwanted'), { priority: 1 })
    await queue.submit(aJob('wanted'), { priority: 2 })
    expect(await queue.cancel({ ...generations, id: 'unwanted' })).toBe('removed')
    handler.release()
    await fixture.consumer(prefix, { handle: handler.handle })
    await eventually(() => handler.ids.length === 1)
    expect(handler.ids).toEqual(['wanted'])
  })

  it('signals a running job in another process, and no other job', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    await fixture.consumer(prefix, { handle: handler.handle, concurrency: 2 })
    await fixture.consumer(prefix, { handle: handler.handle, concurrency: 2 })
    for (const id of upTo(4)) await queue.submit(aJob(id), { priority: 1 })
    await eventually(() => handler.ids.length === 4)
    expect(await queue.cancel({ ...generations, id: 'job-3' })).toBe('signalled')
    await eventually(() => handler.deliveries.some(({ signal }) => signal.aborted))
    const aborted = handler.deliveries.filter(({ signal }) => signal.aborted)
    expect(aborted.map(({ job }) => job.id)).toEqual(['job-3'])
    expect(aborted[0]?.signal.reason).toMatchObject({ name: 'Failure', code: 'cancelled' })
    handler.release()
    // The flag of an obeyed cancellation goes with the job.
    await eventually(async () => expect(await fixture.connect('producer').keys(`${prefix}:cancelled:*`)).toEqual([]))
  })

  it('reaches a job that is submitted or taken just afterwards, already aborted', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    expect(await queue.cancel({ ...generations, id: 'early' })).toBe('signalled')
    await queue.submit(aJob('early'), { priority: 1 })
    await fixture.consumer(prefix, { handle: handler.handle })
    await eventually(() => handler.ids.length === 1)
    expect(handler.deliveries[0]?.signal.reason).toMatchObject({ code: 'cancelled' })
  })

  it('reaches a running job whose process was not listening at that moment', async () => {
    const prefix = uniquePrefix()
    const [queue, handler, subscriber] = [fixture.queue(prefix), new HoldingHandler(), fixture.connect('subscriber')]
    await fixture.consumer(prefix, { handle: handler.handle, subscriber })
    await queue.submit(aJob('deaf'), { priority: 1 })
    await eventually(() => handler.ids.length === 1)
    const [channel = ''] = (await fixture.connect('producer').pubsub('CHANNELS', `${prefix}:*`)) as string[]
    await subscriber.unsubscribe(channel)
    await queue.cancel({ ...generations, id: 'deaf' })
    subscriber.disconnect(true)
    await eventually(() => handler.deliveries[0]?.signal.aborted === true)
  })

  it('forgets after a while a cancellation that met no job', async () => {
    const prefix = uniquePrefix()
    await fixture.queue(prefix).cancel({ ...generations, id: 'nobody' })
    const redis = fixture.connect('producer')
    const [flag = ''] = await redis.keys(`${prefix}:cancelled:*`)
    expect(await redis.ttl(flag)).toBeGreaterThan(0)
  })
})

describe('JobQueue while Redis is away', () => {
  it('fails at once, with a time to come back, for known and for new queues, and works again afterwards', async () => {
    const own = await QueueFixture.start()
    const queue = own.queue(uniquePrefix())
    await queue.submit(aJob('before'), { priority: 1 })
    process.kill(own.server.pid, 'SIGKILL')
    const refusal = { name: 'Failure', code: 'queue_unavailable', retryAfterSeconds: 1 }
    const attempts = [
      () => queue.submit(aJob('known'), { priority: 1 }),
      () => queue.submit(aJob('new', { model: 'other' }), { priority: 1 }),
      () => queue.cancel({ ...generations, id: 'before' }),
      () => queue.counts('m', 'generation'),
    ]
    await eventually(() => expect(attempts[0]?.()).rejects.toMatchObject(refusal))
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(refusal)

    await own.server.restart()
    await eventually(() => queue.submit(aJob('after'), { priority: 1 }))
    await queue.submit(aJob('after', { model: 'other' }), { priority: 1 })
    expect(await queue.counts('other', 'generation')).toEqual({ waiting: 1, active: 0 })
    await queue.close()
    await own.stop()
  })
})
