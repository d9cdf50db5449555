import { Frame } from '@millrace/contracts/jobs'
import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Claim } from './claim.ts'
import { terminalEvent } from './frame-end.ts'
import type { LogKeys } from './log-keys.ts'
import { readPages } from './read-page.ts'
import { foldResumePoint } from './resume-point.ts'

const script = new LuaScript(new URL('./claim-log.lua', import.meta.url))
const Reply = z.tuple([z.int(), z.int(), z.string().nullable()])

export type ClaimOptions = { redis: Redis; keys: LogKeys; unfinishedMs: number }

/** Takes the log for a new attempt, then reads what the attempts before left: nobody else can write it meanwhile. */
export async function claimLog({ redis, keys, unfinishedMs }: ClaimOptions, jobId: string): Promise<Claim> {
  const reply = await script.run(redis, keys.both(jobId), [unfinishedMs])
  const [epoch, lastSeq, lastFrame] = Reply.parse(reply)
  const terminal = lastFrame === null ? undefined : terminalEvent(Frame.parse(JSON.parse(lastFrame)))
  if (terminal) return { jobId, epoch, lastSeq, terminal }
  const resumeFrom = lastSeq > 0 ? await foldResumePoint(readPages({ redis, keys, jobId })) : undefined
  return resumeFrom ? { jobId, epoch, lastSeq, resumeFrom } : { jobId, epoch, lastSeq }
}
