import type { Frame, TerminalEvent } from '@millrace/contracts/jobs'
import type { FinishReason } from '@millrace/contracts/openai'
import type { JobDispatcher } from '../jobs/job-dispatcher.ts'
import { TokenMeter } from '../telemetry/token-meter.ts'
import { type GenerationRecord, jobsOf } from './generation-record.ts'

export type ChoiceState = {
  /** The last logged frame; 0 for none. */
  seq: number
  promptTokens: number
  completionTokens: number
  ending: TerminalEvent | undefined
}

export type GenerationStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'

/** How far a generation has come, by its logs. */
export type GenerationState = { status: GenerationStatus; choices: ChoiceState[] }

/** Throws LogMissingError when a log is not there: it has expired, or is not there yet. */
export async function readState(dispatcher: JobDispatcher, record: GenerationRecord): Promise<GenerationState> {
  const choices = await Promise.all(jobsOf(record).map((job) => foldChoice(dispatcher.logged(job))))
  return { choices, status: statusOf(choices) }
}

/** Where a reader is that has everything so far: the id of the last event it got. */
export function positionOf({ id }: Pick<GenerationRecord, 'id'>, { choices }: GenerationState): string {
  return `${id}:${choices.map(({ seq }) => seq).join('.')}`
}

export function finishReasons({ choices }: GenerationState): (FinishReason | null)[] {
  return choices.map(({ ending }) => (ending?.type === 'job-finished' ? ending.reason : null))
}

async function foldChoice(frames: AsyncIterable<Frame>): Promise<ChoiceState> {
  const meter = new TokenMeter()
  let seq = 0
  let ending: TerminalEvent | undefined
  for await (const frame of frames) {
    seq = frame.seq
    for (const event of frame.events) {
      meter.see(event)
      if (event.type === 'job-finished' || event.type === 'job-failed' || event.type === 'job-cancelled') ending = event
    }
  }
  const { promptTokens, completionTokens } = meter.usage
  return { seq, promptTokens, completionTokens, ending }
}

/** One choice that fails ends them all: its siblings are cancelled. */
function statusOf(choices: readonly ChoiceState[]): GenerationStatus {
  const endings = choices.map(({ ending }) => ending?.type)
  if (endings.includes('job-failed')) return 'failed'
  if (endings.includes('job-cancelled')) return 'cancelled'
  if (endings.every((type) => type === 'job-finished')) return 'completed'
  return choices.some(({ seq }) => seq > 0) ? 'running' : 'queued'
}
