import type { Frame } from '@millrace/contracts/jobs'
import { terminalEvent } from './frame-end.ts'
import type { Mailbox } from './mailbox.ts'
import type { LogPage } from './read-page.ts'

export type FollowOptions = {
  mailbox: Mailbox
  /** The last frame the reader has already; 0 for none. */
  after: number
  /** Reads logged frames from a seq on; undefined while Redis is away. */
  readPage: (fromSeq: number) => Promise<LogPage | undefined>
}

/**
 * One job's frames in order, each exactly once: live ones from the mailbox as they come, and from the stream
 * whatever did not come through there. Holds at most a mailbox and a page. Ends after the terminal frame, or at
 * once when `after` was that one already.
 */
export async function* followLog({ mailbox, after, readPage }: FollowOptions): AsyncGenerator<Frame> {
  let nextSeq = after + 1
  while (true) {
    for (const frame of takeInOrder(mailbox, nextSeq)) {
      nextSeq = frame.seq + 1
      yield frame
      mailbox.throwIfStopped()
      if (terminalEvent(frame)) return
    }
    const page = await nextPage(mailbox, () => readPage(nextSeq))
    for (const frame of page?.frames ?? []) {
      nextSeq = frame.seq + 1
      yield frame
      mailbox.throwIfStopped()
    }
    if (page?.complete) return
  }
}

/** The mailbox's frames from `seq` on, without those seen already; a gap sends the reader to the stream. */
function* takeInOrder(mailbox: Mailbox, seq: number): Generator<Frame> {
  let nextSeq = seq
  for (let frame = mailbox.shift(); frame; frame = mailbox.shift()) {
    if (frame.seq > nextSeq) mailbox.fallBehind()
    if (frame.seq !== nextSeq) continue
    nextSeq++
    yield frame
  }
}

/** A page of the stream when the mailbox is behind; otherwise waits for the next reason to look. */
async function nextPage(mailbox: Mailbox, read: () => Promise<LogPage | undefined>): Promise<LogPage | undefined> {
  if (!mailbox.behind) await mailbox.wait()
  mailbox.throwIfStopped()
  if (!mailbox.behind) return undefined
  mailbox.catchingUp()
  const page = await read()
  mailbox.throwIfStopped()
  if (page?.full) mailbox.fallBehind()
  if (page) return page
  // Redis is away: nothing will come until the next tick of the clock, or until the subscriber has reconnected.
  await mailbox.wait()
  mailbox.fallBehind()
  return undefined
}
