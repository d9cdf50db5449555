import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeLog } from './close-log.ts'
import { collect, delta, eventsOf, finished, LogFixture } from './log-fixture.ts'

let fixture: LogFixture
beforeAll(async () => {
  fixture = await LogFixture.start()
})
afterAll(() => fixture.stop())

const cancelled = { type: 'job-cancelled' } as const

function close(jobId: string): Promise<boolean> {
  const redis = fixture.connect('producer')
  return closeLog({ redis, prefix: fixture.prefix, ttlMs: 60_000, jobId, event: cancelled })
}

describe('closeLog', () => {
  it('ends the reading of a job that no worker ever took, and whoever claims it later hears of it', async () => {
    const { reader } = fixture.replica('closes', 60_000)
    await reader.open('untaken')
    const read = collect(reader.read('untaken'))
    expect(await close('untaken')).toBe(true)
    expect(await read).toEqual([{ jobId: 'untaken', seq: 1, epoch: 1, events: [cancelled] }])
    expect((await fixture.writer().claim('untaken')).terminal).toEqual(cancelled)
    expect(await fixture.connect('producer').pttl(fixture.keys.frames('untaken'))).toBeLessThanOrEqual(60_000)
  })

  it('ends a job that nobody reads', async () => {
    expect(await close('unread')).toBe(true)
    expect((await fixture.writer().claim('unread')).terminal).toEqual(cancelled)
  })

  it('goes on from the last frame, and fences off a worker that held the job after all', async () => {
    const writer = fixture.writer()
    const claim = await writer.claim('held')
    await writer.append(claim, [delta('x', 1)])
    expect(await close('held')).toBe(true)
    await expect(writer.append(claim, [delta('y', 2)])).rejects.toMatchObject({ reason: 'ended' })
    expect(eventsOf(await fixture.logged('held'))).toEqual([delta('x', 1), cancelled])
  })

  it('leaves an ending that was there before', async () => {
    const writer = fixture.writer()
    await writer.append(await writer.claim('done'), [finished])
    expect(await close('done')).toBe(false)
    expect(await close('done')).toBe(false)
    expect(eventsOf(await fixture.logged('done'))).toEqual([finished])
  })
})
