import type { Frame } from '@millrace/contracts/jobs'
import { describe, expect, it } from 'vitest'
import { delta } from './log-fixture.ts'
import { Mailbox } from './mailbox.ts'

function frame(seq: number, text = 'x'): Frame {
  return { jobId: 'job', seq, epoch: 1, events: [delta(text, seq)] }
}

function caughtUp(): Mailbox {
  const mailbox = new Mailbox()
  mailbox.catchingUp()
  return mailbox
}

function drain(mailbox: Mailbox): Frame[] {
  const frames: Frame[] = []
  for (let next = mailbox.shift(); next; next = mailbox.shift()) frames.push(next)
  return frames
}

describe('Mailbox', () => {
  it('holds the first frames of a flood, lets the others go, and knows that it did', () => {
    const mailbox = caughtUp()
    for (let seq = 1; seq <= 10_000; seq++) mailbox.push(frame(seq))
    expect(mailbox.behind).toBe(true)
    expect(drain(mailbox).map(({ seq }) => seq)).toEqual(Array.from({ length: 128 }, (_, index) => index + 1))
  })

  it('is bounded in characters too, but always takes one frame, whatever its size', () => {
    const mailbox = caughtUp()
    mailbox.push(frame(1, 'x'.repeat(1_000_000)))
    mailbox.push(frame(2))
    expect(drain(mailbox)).toHaveLength(1)
    expect(mailbox.behind).toBe(true)
  })

  it('holds nothing more after it was stopped', () => {
    const mailbox = caughtUp()
    mailbox.push(frame(1))
    mailbox.stop(new Error('enough'))
    mailbox.push(frame(2))
    expect(drain(mailbox)).toEqual([])
    expect(() => mailbox.throwIfStopped()).toThrow('enough')
  })

  it('asks for the stream after two silent ticks, and not while frames come', async () => {
    const mailbox = caughtUp()
    mailbox.tick()
    mailbox.push(frame(1))
    mailbox.tick()
    expect(mailbox.behind).toBe(false)
    mailbox.shift()
    const woken = mailbox.wait()
    mailbox.tick()
    await woken
    expect(mailbox.behind).toBe(true)
  })
})
