import { once } from 'node:events'
import { eventually, uniquePrefix } from '@millrace/testkit'
import { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HandBackError } from './hand-back-error.ts'
import { aJob, HoldingHandler, QueueFixture } from './queue-fixture.ts'
import { QueueKeys } from './queue-keys.ts'

let fixture: QueueFixture
beforeAll(async () => {
  fixture = await QueueFixture.start()
})
afterAll(() => fixture.stop())

const empty = { waiting: 0, active: 0 }

describe('deadlines', () => {
  it('delivers a job whose deadline passed while it waited already aborted, so that it is not started', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    await queue.submit(aJob('expired', { deadlineAtMs: Date.now() - 1 }), { priority: 1 })
    let abortedAtStart: boolean | undefined
    await fixture.consumer(prefix, {
      handle: async (delivery) => {
        abortedAtStart = delivery.signal.aborted
        await handler.handle(delivery)
      },
    })
    await eventually(() => handler.ids.length === 1)
    expect(abortedAtStart).toBe(true)
    expect(handler.deliveries[0]?.signal.reason).toMatchObject({ name: 'Failure', code: 'deadline_exceeded' })
    await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual(empty))
  })

  it('stops a running job at its deadline, and no job whose deadline is a year away', async () => {
    const prefix = uniquePrefix()
    const [queue, handler] = [fixture.queue(prefix), new HoldingHandler()]
    await fixture.consumer(prefix, { handle: handler.handle, concurrency: 2 })
    await queue.submit(aJob('patient', { deadlineAtMs: Date.now() + 365 * 24 * 3600 * 1000 }), { priority: 1 })
    await eventually(() => handler.ids.length === 1)
    await queue.submit(aJob('hasty', { deadlineAtMs: Date.now() + 300 }), { priority: 1 })
    await eventually(() => handler.deliveries[1]?.signal.aborted === true)
    expect(handler.deliveries[1]?.signal.reason).toMatchObject({ code: 'deadline_exceeded' })
    expect(handler.deliveries[0]?.signal.aborted).toBe(false)
    handler.release()
  })
})

describe('a cancellation', () => {
  it('that meets a job on its way back to the queue is still known when the next start takes the job', async () => {
    const prefix = uniquePrefix()
    const queue = fixture.queue(prefix)
    const gate = Promise.withResolvers<void>()
    const first = await fixture.consumer(prefix, {
      handle: async () => {
        await gate.promise
        throw new HandBackError()
      },
    })
    await queue.submit(aJob('unwanted'), { priority: 1 })
    await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual({ waiting: 0, active: 1 }))
    expect(await queue.cancel({ id: 'unwanted', kind: 'generation', model: 'm' })).toBe('signalled')
    const closed = first.close()
    gate.resolve()
    await closed
    const flag = new QueueKeys(prefix).cancelFlag('unwanted')
    expect(await fixture.connect('producer').ttl(flag)).toBeGreaterThan(3600)
    const handler = new HoldingHandler()
    await fixture.consumer(prefix, { handle: handler.handle })
    await eventually(() => handler.deliveries[0]?.signal.aborted === true)
    handler.release()
    await eventually(async () => expect(await fixture.connect('producer').exists(flag)).toBe(0))
  })
})

describe('failures', () => {
  it('says of a job that it will not be tried again, once: after the last attempt, or when it cannot be read', async () => {
    const prefix = uniquePrefix()
    const queue = fixture.queue(prefix)
    const keys = new QueueKeys(prefix)
    const name = keys.queueName({ kind: 'generation', model: 'm' })
    const raw = new Queue(name, { connection: fixture.connect('producer'), prefix: keys.bullPrefix })
    await raw.add('generation', { no: 'job' }, { jobId: 'unreadable', attempts: 3 })
    const givenUp: string[] = []
    let attempts = 0
    await fixture.consumer(prefix, {
      handle: async () => {
        attempts++
        throw new Error('again')
      },
      giveUp: async (jobId) => void givenUp.push(jobId),
    })
    await queue.submit(aJob('hopeless'), { priority: 1 })
    await eventually(() => givenUp.length === 2)
    expect(attempts).toBe(3)
    expect(new Set(givenUp)).toEqual(new Set(['unreadable', 'hopeless']))
    await raw.close()
  })

  it('reports a payload that is no job, and never hands it out or tries it again', async () => {
    const prefix = uniquePrefix()
    const handler = new HoldingHandler()
    const keys = new QueueKeys(prefix)
    const name = keys.queueName({ kind: 'generation', model: 'm' })
    const raw = new Queue(name, { connection: fixture.connect('producer'), prefix: keys.bullPrefix })
    await raw.add('generation', { ...aJob('broken'), maxTokens: 'many' }, { jobId: 'broken', attempts: 5 })
    const errors: Error[] = []
    handler.release()
    await fixture.consumer(prefix, { handle: handler.handle, onError: (error) => void errors.push(error) })
    await fixture.queue(prefix).submit(aJob('sound'), { priority: 5 })
    await eventually(() => handler.ids.length === 1)
    expect(handler.ids).toEqual(['sound'])
    expect(errors.map(({ message, cause }) => `${message} ${cause}`)).toEqual([
      expect.stringMatching(/broken.*maxTokens/s),
    ])
    await raw.close()
  })

  it('tries a job again whose handler threw, three times in all, and then lets it go', async () => {
    const prefix = uniquePrefix()
    const queue = fixture.queue(prefix)
    const errors: Error[] = []
    let attempts = 0
    const handle = async () => {
      attempts++
      throw new Error('the device fell off the bus')
    }
    await fixture.consumer(prefix, { handle, onError: (error) => void errors.push(error) })
    await queue.submit(aJob('doomed'), { priority: 1 })
    await eventually(async () => {
      expect(attempts).toBe(3)
      expect(await queue.counts('m', 'generation')).toEqual(empty)
    })
    expect(errors).toHaveLength(3)
    expect(errors[0]?.cause).toMatchObject({ message: 'the device fell off the bus' })
  })

  it('goes on after a restart of Redis, without losing what waits', async () => {
    const own = await QueueFixture.start()
    const prefix = uniquePrefix()
    const [queue, handler] = [own.queue(prefix), new HoldingHandler()]
    handler.release()
    await queue.submit(aJob('waiting', { model: 'later' }), { priority: 1 })
    await own.consumer(prefix, { handle: handler.handle })
    await own.server.restart()
    await eventually(() => queue.submit(aJob('new'), { priority: 1 }))
    await own.consumer(prefix, { handle: handler.handle, model: 'later' })
    await eventually(() => expect(handler.ids.toSorted()).toEqual(['new', 'waiting']), { timeoutMs: 20_000 })
    await own.stop()
  })
})

describe('a consumer that lost its lock', () => {
  it('does not keep another one from doing the job, nor ends the job under it', async () => {
    const prefix = uniquePrefix()
    const [queue, redis, zombie, heir] = [
      fixture.queue(prefix),
      fixture.connect('producer'),
      new HoldingHandler(),
      new HoldingHandler(),
    ]
    await fixture.consumer(prefix, { handle: zombie.handle })
    await queue.submit(aJob('lost'), { priority: 1 })
    await eventually(() => zombie.ids.length === 1)
    await fixture.consumer(prefix, { handle: heir.handle })
    await redis.del(await redis.keys(`${prefix}:*:lock`))
    await eventually(() => heir.ids.length === 1, { timeoutMs: 20_000 })
    zombie.release()
    await eventually(() => fixture.errors.some(({ message }) => message.includes('lost')))
    expect(await queue.counts('m', 'generation')).toEqual({ waiting: 0, active: 1 })
    heir.release()
    await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual(empty))
  })
})

describe('handing back', () => {
  it('gives the job to another consumer, before others of its priority, and counts no attempt', async () => {
    const prefix = uniquePrefix()
    const [queue, heir] = [fixture.queue(prefix), new HoldingHandler()]
    const stopping = new AbortController()
    const errors: Error[] = []
    let deliveries = 0
    const consumer = await fixture.consumer(prefix, {
      onError: (error) => void errors.push(error),
      handle: async () => {
        // More often than a failing job would be tried.
        if (++deliveries > 5) await once(stopping.signal, 'abort')
        throw new HandBackError()
      },
    })
    await queue.submit(aJob('moving'), { priority: 7 })
    await eventually(() => deliveries === 6)
    await queue.submit(aJob('behind'), { priority: 7 })
    const closing = consumer.close()
    stopping.abort()
    await closing
    heir.release()
    await fixture.consumer(prefix, { handle: heir.handle })
    await eventually(() => heir.ids.length === 2)
    expect(heir.ids).toEqual(['moving', 'behind'])
    expect(errors).toEqual([])
  })
})

describe('ending a consumer', () => {
  it('ends while Redis is away', async () => {
    const own = await QueueFixture.start()
    const prefix = uniquePrefix()
    const [queue, handler] = [own.queue(prefix), new HoldingHandler()]
    const consumers = [await own.consumer(prefix, { handle: handler.handle }), await own.consumer(prefix, handler)]
    await queue.submit(aJob('running'), { priority: 1 })
    await eventually(() => handler.ids.length === 1)
    process.kill(own.server.pid, 'SIGKILL')
    await eventually(() => expect(queue.counts('m', 'generation')).rejects.toThrow())
    handler.release()
    await Promise.all(consumers.map((consumer) => consumer.close()))
    await own.stop()
  })

  it('waits on close() for running jobs, takes no other, and leaves neither lock nor subscription', async () => {
    const prefix = uniquePrefix()
    const [queue, handler, redis] = [fixture.queue(prefix), new HoldingHandler(), fixture.connect('producer')]
    const consumer = await fixture.consumer(prefix, { handle: handler.handle })
    await queue.submit(aJob('running'), { priority: 1 })
    await eventually(() => handler.ids.length === 1)
    await queue.submit(aJob('next'), { priority: 1 })
    let closed = false
    const closing = consumer.close().then(() => {
      closed = true
    })
    expect((await redis.keys(`${prefix}:*:lock`)).length).toBe(1)
    expect(closed).toBe(false)
    handler.release()
    await closing
    expect(handler.ids).toEqual(['running'])
    expect(await queue.counts('m', 'generation')).toEqual({ waiting: 1, active: 0 })
    expect(await redis.keys(`${prefix}:*:lock`)).toEqual([])
    expect(await redis.pubsub('CHANNELS', `${prefix}:*`)).toEqual([])
  })

  it('takes nothing new after pause(), while the running job goes on and can be cancelled', async () => {
    const prefix = uniquePrefix()
    const [queue, paused, other] = [fixture.queue(prefix), new HoldingHandler(), new HoldingHandler()]
    const consumer = await fixture.consumer(prefix, { handle: paused.handle, concurrency: 3 })
    await queue.submit(aJob('running'), { priority: 1 })
    await eventually(() => paused.ids.length === 1)
    await consumer.pause()
    other.release()
    await fixture.consumer(prefix, { handle: other.handle, concurrency: 3 })
    const ids = Array.from({ length: 5 }, (_, index) => `later-${index}`)
    for (const id of ids) await queue.submit(aJob(id), { priority: 1 })
    await eventually(() => expect(other.ids.toSorted()).toEqual(ids))
    expect(paused.ids).toEqual(['running'])
    await queue.cancel({ id: 'running', kind: 'generation', model: 'm' })
    await eventually(() => paused.deliveries[0]?.signal.aborted === true)
    await eventually(async () => expect(await queue.counts('m', 'generation')).toEqual(empty))
  })
})
