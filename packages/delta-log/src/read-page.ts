import { Frame } from '@millrace/contracts/jobs'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { LogKeys } from './log-keys.ts'
import { LogMissingError } from './log-missing-error.ts'

/** Frames that one read brings into memory. Small: a page is held per reader that lags behind. */
const pageFrames = 32

const MetaReply = z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable(), z.coerce.number()])
const StreamReply = z.array(z.tuple([z.string(), z.tuple([z.literal('f'), z.string()])]))

export type LogPage = {
  frames: Frame[]
  /** No frame will ever follow those of this page. */
  complete: boolean
  /** More frames may be waiting behind this page at this moment. */
  full: boolean
}

export type LogSource = { redis: Redis; keys: LogKeys; jobId: string }

/**
 * Reads the logged frames from `fromSeq` on, at most one page. Throws LogMissingError when there is no such log.
 * The state is read before the frames: a log that had ended by then shows its last frame too.
 */
export async function readPage({ redis, keys, jobId }: LogSource, fromSeq: number): Promise<LogPage> {
  const [meta, stream] = await Promise.all([
    redis.hmget(keys.meta(jobId), 'epoch', 'readers', 'ended', 'seq'),
    redis.xrange(keys.frames(jobId), `${fromSeq}-0`, '+', 'COUNT', pageFrames),
  ])
  const [epoch, readers, ended, lastSeq] = MetaReply.parse(meta)
  if (epoch === null && readers === null) throw new LogMissingError(jobId)
  // It may expire between the two reads.
  if (stream.length === 0 && lastSeq >= fromSeq) throw new LogMissingError(jobId)
  const frames = StreamReply.parse(stream).map(([, [, json]]) => Frame.parse(JSON.parse(json)))
  const full = frames.length === pageFrames
  return { frames, full, complete: ended !== null && !full }
}

/** Every frame logged so far, page by page; all there is only for a log that nobody writes at the moment. */
export async function* readPages(source: LogSource): AsyncGenerator<Frame[]> {
  let fromSeq = 1
  while (true) {
    const page = await readPage(source, fromSeq)
    yield page.frames
    if (!page.full) return
    fromSeq += page.frames.length
  }
}
