import { type Frame, isTerminal } from '@millrace/contracts/jobs'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import { closeLog } from './close-log.ts'
import type { DeltaLogReader } from './delta-log-reader.ts'
import type { DeltaLogWriter } from './delta-log-writer.ts'
import { FencedError } from './fenced-error.ts'
import { collect, delta, eventsOf, finished, LogFixture } from './log-fixture.ts'
import { foldResumePoint } from './resume-point.ts'

let fixture: LogFixture
let replicas: { reader: DeltaLogReader; subscriber: Redis; channel: string }[]
let writers: DeltaLogWriter[]
let redis: Redis
let runs = 0
beforeAll(async () => {
  fixture = await LogFixture.start()
  replicas = [fixture.replica('one', 50), fixture.replica('two', 50)]
  writers = [fixture.writer(), fixture.writer(), fixture.writer()]
  redis = fixture.connect('producer')
})
afterAll(() => fixture.stop())

const writer = fc.nat({ max: 2 })
const replica = fc.nat({ max: 1 })
const oneOf = <const T extends string>(type: T) => fc.constant(type)
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: oneOf('claim'), writer }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: oneOf('append'), writer, end: fc.nat({ max: 30 }).map((draw) => draw === 0) }),
  },
  // Reads so many frames at a time, each time on the other replica.
  { weight: 2, arbitrary: fc.record({ type: oneOf('read'), replica, portion: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ type: oneOf('redeliver'), replica }) },
  { weight: 1, arbitrary: fc.record({ type: oneOf('cut'), replica }) },
  { weight: 1, arbitrary: fc.record({ type: oneOf('lose'), replica }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One append and what became of it. */
type Attempt = { claim: Claim; text: string; outcome: 'logged' | 'fenced' }

class Run {
  readonly jobId = `concurrent-${runs++}`
  readonly claims: Claim[] = []
  readonly attempts: Attempt[] = []
  readonly readings: Promise<Frame[]>[] = []
  readonly #held = new Map<number, Claim>()
  #appends = 0

  async take(each: Step): Promise<void> {
    if (each.type === 'claim') await this.#claim(each.writer)
    if (each.type === 'append') await this.#append(each.writer, each.end)
    if (each.type === 'read') this.read(each.replica, each.portion)
    if (each.type === 'redeliver') await this.#redeliver(each.replica)
    if (each.type === 'cut') await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    if (each.type === 'lose') await this.#lose(each.replica)
  }

  read(replicaIndex: number, portion: number): void {
    const reading = readInPortions(this.jobId, replicaIndex, portion)
    reading.catch(() => undefined)
    this.readings.push(reading)
  }

  /** Ends the log, if it has not ended yet, so that every reading ends. */
  async end(): Promise<void> {
    await closeLog({
      redis,
      prefix: fixture.prefix,
      ttlMs: 60_000,
      jobId: this.jobId,
      event: { type: 'job-cancelled' },
    })
  }

  async #claim(index: number): Promise<void> {
    const claim = await writerAt(index).claim(this.jobId)
    this.claims.push(claim)
    this.#held.set(index, claim)
  }

  async #append(index: number, end: boolean): Promise<void> {
    const claim = this.#held.get(index)
    if (!claim) return
    const text = `${this.#appends++} `
    const appended = writerAt(index).append(claim, [delta(text, this.#appends), ...(end ? [finished] : [])])
    const outcome = await appended.then(
      () => 'logged' as const,
      (error: unknown) => {
        expect(error).toBeInstanceOf(FencedError)
        return 'fenced' as const
      },
    )
    this.attempts.push({ claim, text, outcome })
  }

  /** All that was published so far comes again, newest first. */
  async #redeliver(replicaIndex: number): Promise<void> {
    for (const frame of (await fixture.logged(this.jobId)).toReversed()) {
      await redis.publish(replicaAt(replicaIndex).channel, JSON.stringify([frame]))
    }
  }

  async #lose(replicaIndex: number): Promise<void> {
    const { subscriber, channel } = replicaAt(replicaIndex)
    await subscriber.unsubscribe(channel)
    await new Promise(setImmediate)
    await subscriber.subscribe(channel)
  }
}

it('keeps its promises when claims, appends, readers that come and go, lost and doubled messages truly overlap', async () => {
  const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const run = new Run()
      await Promise.all(replicas.map(({ reader }) => reader.open(run.jobId)))
      run.read(0, Number.POSITIVE_INFINITY)
      for (const batch of all) await Promise.all(batch.map((each) => run.take(each)))
      await run.end()
      // Readers that come when all is over.
      run.read(0, 2)
      run.read(1, Number.POSITIVE_INFINITY)
      const logged = await fixture.logged(run.jobId)
      checkLog(logged)
      checkAppends(logged, run.attempts)
      await checkClaims(logged, run.claims)
      for (const frames of await Promise.all(run.readings)) expect(frames).toEqual(logged)
    }),
    { numRuns: 60 },
  )
})

function checkLog(logged: readonly Frame[]): void {
  expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, index) => index + 1))
  expect(logged.map(({ epoch }) => epoch)).toEqual(logged.map(({ epoch }) => epoch).toSorted((a, b) => a - b))
  const events = eventsOf(logged)
  expect(events.findIndex(isTerminal)).toBe(events.length - 1)
}

/** What was acknowledged is there once, in the order of the calls, under its attempt; what was refused is not. */
function checkAppends(logged: readonly Frame[], attempts: readonly Attempt[]): void {
  const texts = (frames: readonly Frame[]) =>
    eventsOf(frames).flatMap((event) => (event.type === 'text-delta' ? [event.text] : []))
  const acknowledged = attempts.filter(({ outcome }) => outcome === 'logged')
  expect(texts(logged).toSorted()).toEqual(acknowledged.map(({ text }) => text).toSorted())
  for (const { epoch } of new Set(acknowledged.map(({ claim }) => claim))) {
    const own = acknowledged.filter(({ claim }) => claim.epoch === epoch).map(({ text }) => text)
    expect(texts(logged.filter((frame) => frame.epoch === epoch))).toEqual(
      own.toSorted((a, b) => Number(a) - Number(b)),
    )
  }
}

/** An attempt continues after exactly what the attempts before it have logged: nobody else writes from then on. */
async function checkClaims(logged: readonly Frame[], claims: readonly Claim[]): Promise<void> {
  for (const { epoch, lastSeq, resumeFrom, terminal } of claims) {
    const before = logged.filter((frame) => (terminal ? frame.seq <= lastSeq : frame.epoch < epoch))
    expect(lastSeq).toBe(before.length)
    if (terminal) expect(eventsOf(before).at(-1)).toEqual(terminal)
    else expect(resumeFrom).toEqual(await foldResumePoint(once(before)))
  }
  const fresh = claims.filter(({ terminal }) => terminal === undefined).map(({ epoch }) => epoch)
  expect(new Set(fresh).size, 'no two attempts share an epoch').toBe(fresh.length)
}

/** A reader that leaves after each portion and continues after its last frame, on the other replica. */
async function readInPortions(jobId: string, replicaIndex: number, portion: number): Promise<Frame[]> {
  const frames: Frame[] = []
  for (let turn = replicaIndex; ; turn++) {
    const before = frames.length
    const source = replicaAt(turn % replicas.length).reader.read(jobId, { after: frames.at(-1)?.seq ?? 0 })
    if (portion === Number.POSITIVE_INFINITY) return await collect(source, frames)
    for await (const frame of source) if (frames.push(frame) - before === portion) break
    if (frames.at(-1)?.events.some(isTerminal)) return frames
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}

function writerAt(index: number): DeltaLogWriter {
  const found = writers[index]
  if (!found) throw new RangeError(`There is no writer ${index}.`)
  return found
}

function replicaAt(index: number): (typeof replicas)[number] {
  const found = replicas[index]
  if (!found) throw new RangeError(`There is no replica ${index}.`)
  return found
}
