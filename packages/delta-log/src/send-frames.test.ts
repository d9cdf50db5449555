import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimLog } from './claim-log.ts'
import { delta, LogFixture } from './log-fixture.ts'
import { sendFrames } from './send-frames.ts'

let fixture: LogFixture
beforeAll(async () => {
  fixture = await LogFixture.start()
})
afterAll(() => fixture.stop())

it('counts a repetition of a logged frame as logged, without logging it twice, and a different frame as a fault', async () => {
  const redis = fixture.connect('consumer')
  const target = { redis, keys: fixture.keys, lifetimes: { endedMs: 60_000, unfinishedMs: 60_000 } }
  const { epoch } = await claimLog({ redis, keys: fixture.keys, unfinishedMs: 60_000 }, 'repeated')
  const frame = (text: string, terminal = false) => {
    const json = JSON.stringify({ jobId: 'repeated', seq: 1, epoch, events: [delta(text, 1)] })
    return { jobId: 'repeated', seq: 1, epoch, terminal, json }
  }
  expect(await sendFrames(target, [frame('x', true)])).toEqual(['logged'])
  expect(await sendFrames(target, [frame('x', true), frame('y')])).toEqual(['logged', 'ended'])
  expect(await redis.xlen(fixture.keys.frames('repeated'))).toBe(1)
})
