import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { FenceReason } from './fenced-error.ts'
import type { LogKeys } from './log-keys.ts'
import type { LogLifetimes } from './log-lifetimes.ts'

const script = new LuaScript(new URL('./append-frames.lua', import.meta.url))

export type OutgoingFrame = {
  jobId: string
  seq: number
  epoch: number
  terminal: boolean
  /** The whole frame, as it is logged and published. */
  json: string
}

export type FrameOutcome = 'logged' | FenceReason

/** The output codes of `append-frames.lua`. A repetition of what is logged already counts as logged. */
const outcomes = new Map<number, FrameOutcome>([
  [1, 'logged'],
  [2, 'logged'],
  [-1, 'epoch'],
  [-2, 'seq'],
  [-3, 'ended'],
  [-4, 'missing'],
])
const Reply = z.array(z.int().refine((code) => outcomes.has(code)))

export type SendFramesOptions = { redis: Redis; keys: LogKeys; lifetimes: LogLifetimes }

/** Logs and publishes frames of different jobs in one round trip; what became of each, in the same order. */
export async function sendFrames(
  { redis, keys, lifetimes }: SendFramesOptions,
  frames: readonly OutgoingFrame[],
): Promise<FrameOutcome[]> {
  const values: (string | number)[] = [keys.channelPrefix, lifetimes.endedMs, lifetimes.unfinishedMs]
  for (const { epoch, seq, terminal, json } of frames) values.push(epoch, seq, terminal ? '1' : '0', json)
  const keyNames = frames.flatMap((frame) => keys.both(frame.jobId))
  const reply = await script.run(redis, keyNames, values)
  return Reply.length(frames.length)
    .parse(reply)
    .flatMap((code) => outcomes.get(code) ?? [])
}
