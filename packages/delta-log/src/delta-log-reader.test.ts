import { once } from 'node:events'
import type { Frame } from '@millrace/contracts/jobs'
import { eventually } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, delta, eventsOf, finished, LogFixture } from './log-fixture.ts'
import { LogMissingError } from './log-missing-error.ts'

let fixture: LogFixture
beforeAll(async () => {
  fixture = await LogFixture.start()
})
afterAll(() => fixture.stop())

/** Writes one frame per token, then ends the log. */
async function writeAll(jobId: string, tokens: number): Promise<void> {
  const writer = fixture.writer()
  const claim = await writer.claim(jobId)
  for (let token = 1; token <= tokens; token++) await writer.append(claim, [delta('x', token)])
  await writer.append(claim, [finished])
}

function seqs(frames: readonly Frame[]): number[] {
  return frames.map((frame) => frame.seq)
}

function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

describe('DeltaLogReader', () => {
  it('delivers the frames of many jobs as they are written, in order, each to its own reader', async () => {
    const { reader } = fixture.replica('many')
    const jobIds = upTo(10).map((index) => `many-${index}`)
    await Promise.all(jobIds.map((jobId) => reader.open(jobId)))
    const reads = jobIds.map((jobId) => collect(reader.read(jobId)))
    await Promise.all(jobIds.map((jobId, index) => writeAll(jobId, 20 + index)))
    for (const [index, frames] of (await Promise.all(reads)).entries()) {
      expect(seqs(frames)).toEqual(upTo(21 + index))
      expect(new Set(frames.map((frame) => frame.jobId))).toEqual(new Set([jobIds[index]]))
      expect(eventsOf(frames).at(-1)).toEqual(finished)
    }
  })

  it('lets two replicas, and two readers of one replica, read the same job live', async () => {
    const [first, second] = [fixture.replica('one'), fixture.replica('two')]
    await first.reader.open('shared')
    const reads = [first, first, second].map(({ reader }) => collect(reader.read('shared')))
    await writeAll('shared', 50)
    for (const frames of await Promise.all(reads)) expect(seqs(frames)).toEqual(upTo(51))
  })

  it('publishes to a replica that came late, without it having opened the log', async () => {
    const [early, late] = [fixture.replica('early'), fixture.replica('late', 60_000)]
    await early.reader.open('joined')
    const writer = fixture.writer()
    const claim = await writer.claim('joined')
    await writer.append(claim, [delta('a', 1)])
    const frames: Frame[] = []
    const read = collect(late.reader.read('joined'), frames)
    await eventually(() => frames.length === 1)
    await writer.append(claim, [delta('b', 2)])
    await eventually(() => frames.length === 2)
    await writer.append(claim, [finished])
    expect(seqs(await read)).toEqual([1, 2, 3])
  })

  it('reads a log that has ended: from the start, from the middle, and from its end', async () => {
    const { reader } = fixture.replica('afterwards')
    await reader.open('over')
    await writeAll('over', 99)
    expect(seqs(await collect(reader.read('over')))).toEqual(upTo(100))
    expect(seqs(await collect(reader.read('over', { after: 40 })))).toEqual(upTo(100, 41))
    expect(await collect(reader.read('over', { after: 100 }))).toEqual([])
  })

  it('fails for a log that never was, and for one that has expired', async () => {
    const { reader } = fixture.replica('nothing')
    await expect(collect(reader.read('never'))).rejects.toBeInstanceOf(LogMissingError)
    const writer = fixture.writer({ ttlMs: 30 })
    await writer.append(await writer.claim('short'), [finished])
    await eventually(() => expect(collect(reader.read('short'))).rejects.toThrow('no delta log of job short'))
    await writeAll('halved', 3)
    await fixture.connect('producer').del(fixture.keys.frames('halved'))
    await expect(collect(reader.read('halved'))).rejects.toBeInstanceOf(LogMissingError)
  })

  it('tells what is logged so far without waiting for more, on any replica', async () => {
    const { reader } = fixture.replica('snapshot')
    const writer = fixture.writer()
    const claim = await writer.claim('half')
    for (const token of upTo(70)) await writer.append(claim, [delta('x', token)])
    expect(seqs(await collect(reader.logged('half')))).toEqual(upTo(70))
    await writer.append(claim, [finished])
    expect(seqs(await collect(reader.logged('half')))).toEqual(upTo(71))
    await expect(collect(reader.logged('unknown'))).rejects.toBeInstanceOf(LogMissingError)
  })

  it('forgets an opened job without ending the readings of it', async () => {
    const { reader } = fixture.replica('forgetful')
    await reader.open('kept')
    const read = collect(reader.read('kept'))
    reader.forget('kept')
    await writeAll('kept', 3)
    expect(seqs(await read)).toEqual(upTo(4))
  })

  it('delivers every frame although published messages are lost', async () => {
    const { reader, subscriber, channel } = fixture.replica('deaf', 100)
    await reader.open('lossy')
    const frames: Frame[] = []
    const read = collect(reader.read('lossy'), frames)
    const writer = fixture.writer()
    const claim = await writer.claim('lossy')
    await writer.append(claim, [delta('x', 1)])
    await eventually(() => frames.length === 1)
    await subscriber.unsubscribe(channel)
    await writer.append(claim, [delta('x', 2)])
    await eventually(() => frames.length === 2)
    await writer.append(claim, [delta('x', 3), finished])
    expect(seqs(await read)).toEqual(upTo(3))
  })

  it('fills a gap from the stream as soon as it sees it', async () => {
    const { reader, subscriber, channel } = fixture.replica('gap', 60_000)
    await reader.open('gap')
    const frames: Frame[] = []
    const read = collect(reader.read('gap'), frames)
    const writer = fixture.writer()
    const claim = await writer.claim('gap')
    await writer.append(claim, [delta('x', 1)])
    await eventually(() => frames.length === 1)
    await subscriber.unsubscribe(channel)
    for (const token of [2, 3, 4]) await writer.append(claim, [delta('x', token)])
    await subscriber.subscribe(channel)
    await writer.append(claim, [delta('x', 5), finished])
    expect(seqs(await read)).toEqual(upTo(5))
  })

  it('catches up when the subscriber connection was lost', async () => {
    const { reader, subscriber } = fixture.replica('cut', 60_000)
    await reader.open('cut')
    const frames: Frame[] = []
    const read = collect(reader.read('cut'), frames)
    const writer = fixture.writer()
    const claim = await writer.claim('cut')
    await writer.append(claim, [delta('x', 1)])
    await eventually(() => frames.length === 1)
    const closed = once(subscriber, 'close')
    subscriber.disconnect(true)
    await closed
    await writer.append(claim, [delta('x', 2), finished])
    expect(seqs(await read)).toEqual(upTo(2))
  })

  it('gives a slow reader every frame, and does not hold up another one', async () => {
    const { reader } = fixture.replica('slow', 60_000)
    await reader.open('slow')
    await reader.open('quick')
    const slow = reader.read('slow')
    const firstSeq = slow.next().then(({ value }) => value?.seq)
    await Promise.all([writeAll('slow', 500), writeAll('quick', 500), collect(reader.read('quick'))])
    expect([await firstSeq, ...seqs(await collect(slow))]).toEqual(upTo(501))
  })

  it('ignores a message that is no delivery, and says so when the log itself is damaged', async () => {
    const { reader, channel } = fixture.replica('damaged', 60_000)
    await reader.open('damaged')
    const writer = fixture.writer()
    const claim = await writer.claim('damaged')
    const frames: Frame[] = []
    const read = collect(reader.read('damaged'), frames)
    const redis = fixture.connect('producer')
    await writer.append(claim, [delta('x', 1)])
    await redis.publish(channel, '[{"jobId":')
    await writer.append(claim, [delta('x', 2)])
    await eventually(() => frames.length === 2)
    await redis.xadd(fixture.keys.frames('damaged'), '3-0', 'f', '{"jobId":"damaged","seq":3}')
    await redis.publish(channel, '[{"jobId":"damaged","seq":3}]')
    await expect(read).rejects.toThrow('epoch')
  })
})

describe('stopping a DeltaLogReader', () => {
  it('ends with the reason of the signal, waiting or not yet begun', async () => {
    const { reader } = fixture.replica('stopped', 60_000)
    await reader.open('stopped')
    const reason = new Error('the client has gone')
    const controller = new AbortController()
    const waiting = collect(reader.read('stopped', { signal: controller.signal }))
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(collect(reader.read('stopped', { signal: controller.signal }))).rejects.toBe(reason)
  })

  it('ends the readings of one job by close(), and of all jobs by closeAll()', async () => {
    const { reader, subscriber, channel } = fixture.replica('closing', 60_000)
    await Promise.all(['a', 'b'].map((jobId) => reader.open(jobId)))
    const [a, b] = ['a', 'b'].map((jobId) => collect(reader.read(jobId)))
    const endings = [expect(a).rejects.toThrow('job a was closed'), expect(b).rejects.toThrow('reader was closed')]
    reader.close('a')
    await endings[0]
    await reader.closeAll()
    await endings[1]
    expect(await subscriber.call('PUBSUB', 'NUMSUB', channel).catch(() => undefined)).toEqual([channel, 0])
  })
})

describe('DeltaLogReader while Redis is away', () => {
  it('refuses to open, goes on reading after a restart, and loses or doubles no frame', async () => {
    const own = await LogFixture.start()
    const { reader } = own.replica('away', 60_000)
    await reader.open('survivor')
    const frames: Frame[] = []
    const read = collect(reader.read('survivor'), frames)
    const writer = own.writer()
    const claim = await writer.claim('survivor')
    const appendAll = async () => {
      for (const token of upTo(200)) await writer.append(claim, [delta('x', token)])
      await writer.append(claim, [finished])
    }
    const appended = appendAll()
    await eventually(() => frames.length >= 20, { intervalMs: 1 })
    await own.server.restart()
    await appended
    expect(seqs(await read)).toEqual(upTo(201))

    process.kill(own.server.pid, 'SIGKILL')
    await eventually(() =>
      expect(reader.open('other')).rejects.toMatchObject({ code: 'queue_unavailable', retryAfterSeconds: 1 }),
    )
    await own.stop()
  })
})
