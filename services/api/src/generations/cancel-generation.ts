import type { JobAddress, JobDispatcher } from '../jobs/job-dispatcher.ts'
import { type GenerationRecord, jobsOf } from './generation-record.ts'
import { readState } from './generation-state.ts'

/** Cancels the choices that have not ended; those that have keep their ending. Throws LogMissingError without logs. */
export async function cancelGeneration(dispatcher: JobDispatcher, record: GenerationRecord): Promise<void> {
  const { choices } = await readState(dispatcher, record)
  const cancel = async (job: JobAddress, choice: number) => {
    if (choices[choice]?.ending !== undefined) return
    const share = record.jobs?.[choice]?.share
    await dispatcher.abandon(share === undefined ? { job } : { job, share })
  }
  await Promise.all(jobsOf(record).map(cancel))
}
