import { once } from 'node:events'
import { Failure } from '@millrace/contracts/failures'
import { eventually } from '@millrace/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import { FencedError } from './fenced-error.ts'
import { delta, eventsOf, finished, LogFixture } from './log-fixture.ts'

let fixture: LogFixture
beforeAll(async () => {
  fixture = await LogFixture.start()
})
afterAll(() => fixture.stop())

const logged = (jobId: string) => fixture.logged(jobId)

describe('DeltaLogWriter', () => {
  it('logs every event once and in order, in frames whose seq has no gap', async () => {
    const writer = fixture.writer()
    const claim = await writer.claim('order')
    const appends = Array.from({ length: 500 }, (_, token) => writer.append(claim, [delta('x', token)]))
    await Promise.all(appends)
    await writer.append(claim, [delta('y', 500), finished])

    const frames = await logged('order')
    expect(frames.map((frame) => frame.seq)).toEqual(frames.map((_, index) => index + 1))
    const tokens = eventsOf(frames).flatMap((event) => (event.type === 'text-delta' ? event.tokens : []))
    expect(tokens).toEqual(Array.from({ length: 501 }, (_, token) => token))
    expect(frames.at(-1)?.events.at(-1)).toEqual(finished)
  })

  it('sends what is appended for many jobs in one turn with one script call and one publish per replica', async () => {
    const { reader } = fixture.replica('counting')
    const writer = fixture.writer()
    const jobIds = Array.from({ length: 20 }, (_, index) => `together-${index}`)
    for (const jobId of jobIds) await reader.open(jobId)
    const claims = await Promise.all(jobIds.map((jobId) => writer.claim(jobId)))
    await writer.append(await writer.claim('loads-the-script'), [delta('')])
    const before = await calls()
    await Promise.all(claims.flatMap((claim) => [0, 1, 2].map((token) => writer.append(claim, [delta('x', token)]))))
    const after = await calls()

    expect({ scripts: after.scripts - before.scripts, publishes: after.publishes - before.publishes }).toEqual({
      scripts: 1,
      publishes: 1,
    })
    await reader.closeAll()
  })

  it('refuses an attempt whose job was claimed again, now and for ever', async () => {
    const [first, second] = [fixture.writer(), fixture.writer()]
    const zombie = await first.claim('fenced')
    await first.append(zombie, [delta('a', 1)])
    const heir = await second.claim('fenced')

    await expect(first.append(zombie, [delta('b', 2)])).rejects.toMatchObject({ reason: 'epoch', jobId: 'fenced' })
    await expect(first.append(zombie, [finished])).rejects.toBeInstanceOf(FencedError)
    await second.append(heir, [delta('c', 3)])
    expect(eventsOf(await logged('fenced'))).toEqual([delta('a', 1), delta('c', 3)])
  })

  it('refuses a frame that is not the next one, even from the right attempt', async () => {
    const writer = fixture.writer()
    const claim = await writer.claim('skipping')
    const ahead: Claim = { ...claim, lastSeq: 4 }
    await expect(writer.append(ahead, [delta('x', 1)])).rejects.toMatchObject({ reason: 'seq' })
    await writer.append(claim, [delta('x', 1)])
    const behind: Claim = { ...claim, lastSeq: 0 }
    await expect(writer.append(behind, [delta('other', 9)])).rejects.toMatchObject({ reason: 'seq' })
  })

  it('logs the other jobs of a call of which one is fenced', async () => {
    const writer = fixture.writer()
    const [stale, good] = [await writer.claim('stale'), await writer.claim('good')]
    await fixture.writer().claim('stale')
    const [refused, accepted] = await Promise.allSettled([
      writer.append(stale, [delta('x', 1)]),
      writer.append(good, [delta('x', 1)]),
    ])
    expect([refused.status, accepted.status]).toEqual(['rejected', 'fulfilled'])
  })

  it('appends nothing after the terminal event, and tells a later claim how the job ended', async () => {
    const writer = fixture.writer()
    const claim = await writer.claim('ended')
    const end = writer.append(claim, [finished])
    await expect(writer.append(claim, [delta('late', 1)])).rejects.toMatchObject({ reason: 'ended' })
    await end

    const later = await fixture.writer().claim('ended')
    expect(later).toMatchObject({ lastSeq: 1, epoch: 1, terminal: finished })
    await expect(writer.append(later, [delta('late', 1)])).rejects.toMatchObject({ reason: 'ended' })
    expect(eventsOf(await logged('ended'))).toEqual([finished])
  })

  it('gives a later attempt every token and character of the earlier ones, over more than a page', async () => {
    const [first, second] = [fixture.writer(), fixture.writer()]
    const claim = await first.claim('resumed')
    for (let token = 0; token < 70; token++) await first.append(claim, [delta(`${token} `, token)])
    const heir = await second.claim('resumed')
    await second.append(heir, [
      { type: 'job-started', promptTokens: 1, cachedTokens: 0, queuedMs: 1 },
      delta('€', 7, 8),
    ])

    const tokens = [...Array.from({ length: 70 }, (_, token) => token), 7, 8]
    const text = `${tokens.slice(0, 70).join(' ')} €`
    expect(await first.claim('resumed')).toEqual({
      jobId: 'resumed',
      epoch: 3,
      lastSeq: 71,
      resumeFrom: { tokens, text },
    })
  })

  it('lets an ended log and an abandoned one vanish', async () => {
    const redis = fixture.connect('producer')
    const writer = fixture.writer({ ttlMs: 60_000 })
    const claim = await writer.claim('vanishing')
    await writer.append(claim, [delta('x', 1)])
    const lives = () => Promise.all(fixture.keys.both('vanishing').map((key) => redis.pttl(key)))
    for (const unfinishedMs of await lives()) expect(unfinishedMs).toBeGreaterThan(60_000)
    await writer.append(claim, [finished])
    for (const endedMs of await lives()) {
      expect(endedMs).toBeGreaterThan(0)
      expect(endedMs).toBeLessThanOrEqual(60_000)
    }
  })

  it('refuses to write a log that has vanished', async () => {
    const writer = fixture.writer()
    const claim = await writer.claim('vanished')
    await fixture.connect('producer').del(...fixture.keys.both('vanished'))
    await expect(writer.append(claim, [delta('x', 1)])).rejects.toMatchObject({ reason: 'missing' })
  })

  it('logs what was appended before close(), and takes nothing after it', async () => {
    const writer = fixture.writer()
    const claim = await writer.claim('closing')
    const append = writer.append(claim, [delta('x', 1)])
    await writer.close()
    expect(eventsOf(await logged('closing'))).toEqual([delta('x', 1)])
    await append
    await expect(writer.append(claim, [delta('y', 2)])).rejects.toThrow('closed')
  })
})

describe('DeltaLogWriter while Redis is away', () => {
  it('waits, logs everything exactly once after the restart, and bounds what callers pile up', async () => {
    const own = await LogFixture.start()
    const writer = own.writer({ backlogLimitChars: 20_000 })
    const claim = await writer.claim('outage')
    await writer.append(claim, [delta('x', 0)])
    await killOnceSynced(own)

    const appends = Array.from({ length: 1000 }, (_, index) => writer.append(claim, [delta('x', index + 1)]))
    const outcomes = Promise.allSettled(appends)
    await expect(appends.at(-1)).rejects.toMatchObject({ name: Failure.name, code: 'overloaded' })
    await own.server.restart()
    const accepted = (await outcomes).filter((outcome) => outcome.status === 'fulfilled').length
    expect(accepted).toBeGreaterThan(100)
    expect(accepted).toBeLessThan(1000)

    expect(eventsOf(await own.logged('outage'))).toEqual(
      Array.from({ length: accepted + 1 }, (_, token) => delta('x', token)),
    )
    // Once there is room again, the same attempt goes on.
    await eventually(() => writer.append(claim, [finished]))
    await own.stop()
  })
})

/** Redis acknowledges writes up to two seconds before its file has them: this is about what it does have. */
async function killOnceSynced(own: LogFixture): Promise<void> {
  const redis = own.connect('consumer')
  await eventually(async () => {
    const persistence = await redis.info('persistence')
    return persistence.includes('aof_buffer_length:0') && persistence.includes('aof_pending_bio_fsync:0')
  })
  const gone = once(redis, 'close')
  process.kill(own.server.pid, 'SIGKILL')
  await gone
}

async function calls(): Promise<{ scripts: number; publishes: number }> {
  const stats = await fixture.connect('producer').info('commandstats')
  const count = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  return { scripts: count('evalsha'), publishes: count('publish') }
}
