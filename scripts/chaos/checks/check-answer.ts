import { type DeltaLogReader, LogMissingError } from '@millrace/delta-log'
import type { Answer } from '../clients/answer.ts'
import type { FaultLog } from '../faults/fault-log.ts'
import type { Load } from '../load/load.ts'
import { checkChat, type Verdict } from './check-chat.ts'
import { checkVectors } from './check-vectors.ts'
import { readLogs } from './read-logs.ts'

/** Whether an accepted request has its full, exact answer. */
export async function checkAnswer(
  load: Load,
  reader: DeltaLogReader,
  answer: Answer,
  faults: FaultLog,
): Promise<Verdict> {
  const { request, losses } = answer
  const unexplained = losses.filter((loss) => !faults.explainsLoss(loss))
  const problems = unexplained.map(({ url }) => `the connection to ${url} broke while nobody touched that API`)
  const nothing = { tokens: 0, lost: 0, doubled: 0, exact: 0 }
  if (request.kind === 'embeddings') {
    return { ...nothing, problems: [...problems, ...checkVectors(load, request, answer)] }
  }
  // A client that gave up has said so.
  if (answer.id === '') return { ...nothing, problems: [...problems, ...answer.problems] }
  try {
    const verdict = checkChat(load, request, answer, await readLogs(reader, answer))
    return { ...verdict, problems: [...problems, ...verdict.problems] }
  } catch (error) {
    if (!(error instanceof LogMissingError)) throw error
    return { ...nothing, problems: [...problems, ...answer.problems, 'its log is gone'] }
  }
}
