import type { JobDispatcher } from '../jobs/job-dispatcher.ts'
import { type GenerationRecord, jobsOf } from './generation-record.ts'
import { readState } from './generation-state.ts'

/** Cancels the choices that have not ended; those that have keep their ending. Throws LogMissingError without logs. */
export async function cancelGeneration(dispatcher: JobDispatcher, record: GenerationRecord): Promise<void> {
  const { choices } = await readState(dispatcher, record)
  const unfinished = jobsOf(record).filter((_, choice) => choices[choice]?.ending === undefined)
  await Promise.all(unfinished.map((job) => dispatcher.cancel(job)))
}
