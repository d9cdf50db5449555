import type { JobFrame } from '../jobs/read-jobs.ts'
import type { GenerationRecord } from './generation-record.ts'

/** A request's view of a generation. Must be iterated: what it holds is freed at the end of the iteration. */
export type Reading = {
  record: GenerationRecord
  frames: AsyncGenerator<JobFrame>
  /** For each choice the seq up to which the client has its chunks; unset when it has none. */
  after?: readonly number[]
  onClientGone: () => void
}
