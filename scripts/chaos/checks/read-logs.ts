import type { Frame, TokenUsage } from '@millrace/contracts/jobs'
import type { DeltaLogReader } from '@millrace/delta-log'
import type { Answer } from '../clients/answer.ts'

/** One choice as its delta log holds it. */
export type LoggedChoice = {
  frames: readonly Frame[]
  text: string
  tokens: number
  finishReason: string | undefined
  usage: TokenUsage | undefined
  /** What is wrong with the log itself. */
  problems: string[]
}

/** The logs of a chat, when all is quiet. */
export async function readLogs(reader: DeltaLogReader, { id, choices }: Answer): Promise<LoggedChoice[]> {
  return await Promise.all(choices.map((_, index) => readLog(reader, index === 0 ? id : `${id}-${index}`)))
}

async function readLog(reader: DeltaLogReader, jobId: string): Promise<LoggedChoice> {
  const frames: Frame[] = []
  for await (const frame of reader.logged(jobId)) frames.push(frame)
  const events = frames.flatMap((frame) => frame.events)
  const deltas = events.filter((event) => event.type === 'text-delta')
  const endings = events.filter(
    ({ type }) => type === 'job-finished' || type === 'job-failed' || type === 'job-cancelled',
  )
  const finished = events.find((event) => event.type === 'job-finished')
  return {
    frames,
    text: deltas.map(({ text }) => text).join(''),
    tokens: deltas.reduce((sum, { tokens }) => sum + tokens.length, 0),
    finishReason: finished?.reason,
    usage: finished?.usage,
    problems: [
      ...(frames.every(({ seq }, index) => seq === index + 1) ? [] : ['the seqs of the log are not 1, 2, 3 and so on']),
      ...(frames.every(({ epoch }, index) => epoch >= (frames[index - 1]?.epoch ?? 0)) ? [] : ['an epoch went back']),
      ...(endings.length === 1 && events.at(-1) === finished
        ? []
        : [`the log of ${jobId} ends with ${endings.map(({ type }) => type).join(', ') || 'nothing'}`]),
    ],
  }
}

/** Tokens that a frame brought. */
export function tokensOf(frame: Frame | undefined): number {
  const deltas = frame?.events.filter((event) => event.type === 'text-delta') ?? []
  return deltas.reduce((sum, { tokens }) => sum + tokens.length, 0)
}

/** Text that a frame brought. */
export function textOf(frame: Frame): string {
  return frame.events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}
