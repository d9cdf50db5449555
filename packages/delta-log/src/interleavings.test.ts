import { type Frame, isTerminal, type JobEvent, type ResumePoint } from '@millrace/contracts/jobs'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import type { DeltaLogReader } from './delta-log-reader.ts'
import type { DeltaLogWriter } from './delta-log-writer.ts'
import { collect, delta, eventsOf, finished, LogFixture } from './log-fixture.ts'

let fixture: LogFixture
let real: Real
let runs = 0
beforeAll(async () => {
  fixture = await LogFixture.start()
  const replica = fixture.replica('property', 50)
  real = { ...replica, writers: [fixture.writer(), fixture.writer()] }
})
afterAll(() => fixture.stop())

type Real = { reader: DeltaLogReader; subscriber: Redis; channel: string; writers: DeltaLogWriter[] }

/** What the log must hold: events in order, and which writer's attempt, if any, may add to them. */
type Model = { jobId: string; events: JobEvent[]; epoch: number; claims: Map<number, Claim>; holder?: number }

const ended = (model: Model) => model.events.some(isTerminal)

type Step =
  | { type: 'claim'; writer: number }
  | { type: 'append'; writer: number; texts: string[]; end: boolean }
  | { type: 'lose' }
  | { type: 'restore' }
  | { type: 'read'; after: number }

const writerIndex = fc.integer({ min: 0, max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('claim' as const), writer: writerIndex }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      writer: writerIndex,
      texts: fc.array(fc.string({ unit: 'grapheme', maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      end: fc.integer({ min: 0, max: 15 }).map((draw) => draw === 0),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'lose' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'restore' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('read' as const), after: fc.nat({ max: 5 }) }) },
)

it('holds, through any interleaving of claims, appends, readers and lost messages, exactly what its holders wrote', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const model: Model = { jobId: `run-${runs++}`, events: [], epoch: 0, claims: new Map() }
      await real.reader.open(model.jobId)
      const readings = [read(model.jobId, 0)]
      for (const each of steps) {
        if (each.type === 'claim') await claim(model, each.writer)
        else if (each.type === 'append') await append(model, each)
        else if (each.type === 'lose') await real.subscriber.unsubscribe(real.channel)
        else if (each.type === 'restore') await real.subscriber.subscribe(real.channel)
        else readings.push(read(model.jobId, each.after))
      }
      await finish(model)
      const logged = await fixture.logged(model.jobId)
      expect(eventsOf(logged)).toEqual(model.events)
      for (const { after, frames } of readings) expect(await frames).toEqual(logged.slice(after))
      await real.subscriber.subscribe(real.channel)
    }),
    { numRuns: 60 },
  )
})

function read(jobId: string, after: number): { after: number; frames: Promise<Frame[]> } {
  return { after, frames: collect(real.reader.read(jobId, { after })) }
}

async function claim(model: Model, index: number): Promise<void> {
  const claimed = await writer(index).claim(model.jobId)
  if (ended(model)) {
    expect(claimed.terminal).toEqual(model.events.at(-1))
    return
  }
  model.epoch++
  model.holder = index
  model.claims.set(index, claimed)
  expect(claimed.epoch).toBe(model.epoch)
  expect(claimed.resumeFrom).toEqual(expectedResumePoint(model.events))
}

async function append(model: Model, { writer: index, texts, end }: Step & { type: 'append' }): Promise<void> {
  const held = model.claims.get(index)
  if (!held) return
  const events = [...texts.map((text) => delta(text, model.events.length)), ...(end ? [finished] : [])]
  const appended = writer(index).append(held, events)
  if (model.holder !== index || ended(model)) {
    await expect(appended).rejects.toMatchObject({ name: 'FencedError' })
    return
  }
  await appended
  model.events.push(...events)
}

/** Ends the log, so that every reading ends. */
async function finish(model: Model): Promise<void> {
  if (ended(model)) return
  await claim(model, 0)
  await append(model, { type: 'append', writer: 0, texts: [], end: true })
}

function writer(index: number): DeltaLogWriter {
  const found = real.writers[index]
  if (!found) throw new RangeError(`There is no writer ${index}.`)
  return found
}

function expectedResumePoint(events: JobEvent[]): ResumePoint | undefined {
  const deltas = events.filter((event) => event.type === 'text-delta')
  if (deltas.length === 0) return undefined
  return { tokens: deltas.flatMap(({ tokens }) => tokens), text: deltas.map(({ text }) => text).join('') }
}
