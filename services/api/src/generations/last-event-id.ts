import { Failure } from '@millrace/contracts/failures'
import type { GenerationRecord } from './generation-record.ts'
import type { GenerationState } from './generation-state.ts'

const header = 'Last-Event-ID'

/**
 * What a reader has of each choice, as seqs of the logs: all 0 without the header. Throws `invalid_request` for a
 * text that is not the id of an event of this generation.
 */
export function parseLastEventId(
  text: string | undefined,
  { id, choices }: Pick<GenerationRecord, 'id' | 'choices'>,
  state: GenerationState,
): number[] {
  if (text === undefined || text === '') return Array.from({ length: choices }, () => 0)
  if (!text.startsWith(`${id}:`)) throw invalid(`it is no event of the generation '${id}'`)
  const position = text.slice(id.length + 1)
  if (!/^\d{1,9}(\.\d{1,9})*$/.test(position)) throw invalid('expected the id of an event, as the stream gave it')
  const seqs = position.split('.').map(Number)
  if (seqs.length !== choices) throw invalid(`expected ${choices} positions, one for each choice`)
  const isAhead = seqs.some((seq, choice) => seq > (state.choices[choice]?.seq ?? 0))
  if (isAhead) throw invalid('the generation has not come that far')
  return seqs
}

function invalid(problem: string): Failure {
  return new Failure('invalid_request', `Invalid '${header}': ${problem}.`, { param: header })
}
