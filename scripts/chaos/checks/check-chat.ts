import type { Answer, ChoiceAnswer } from '../clients/answer.ts'
import type { ChatRequest } from '../clients/request.ts'
import type { Load } from '../load/load.ts'
import { type LoggedChoice, textOf, tokensOf } from './read-logs.ts'

export type Verdict = {
  problems: string[]
  /** Tokens in the logs that were compared with what the client has. */
  tokens: number
  lost: number
  doubled: number
  /** Choices whose text is the expected one. */
  exact: number
}

/** What has to be known of a load. */
type Knowledge = Pick<Load, 'isExact' | 'promptTokens' | 'expected'>

/** Compares what a client has with the logs, and the logs with what the model must say. */
export function checkChat(
  load: Knowledge,
  request: ChatRequest,
  answer: Answer,
  logs: readonly LoggedChoice[],
): Verdict {
  const verdict: Verdict = { problems: [...answer.problems], tokens: 0, lost: 0, doubled: 0, exact: 0 }
  const expected = load.expected(request)
  for (const [index, choice] of answer.choices.entries()) {
    const log = logs[index]
    if (log === undefined) continue
    verdict.tokens += log.tokens
    verdict.problems.push(...log.problems, ...compareWithLog(choice, log))
    countTokens(choice, log, verdict)
    const differences = compareWithExpected(log, expected)
    if (differences.length === 0) verdict.exact++
    if (!load.isExact) continue
    verdict.problems.push(...differences)
    verdict.lost += Math.max(0, expected.completionTokens - log.tokens)
    verdict.doubled += Math.max(0, log.tokens - expected.completionTokens)
  }
  verdict.problems.push(...checkUsage(load, request, answer, logs))
  return verdict
}

function compareWithLog(choice: ChoiceAnswer, log: LoggedChoice): string[] {
  const problems: string[] = []
  if (choice.text !== log.text) problems.push(`the text is not that of the log: ${difference(choice.text, log.text)}`)
  if (choice.finishReason !== log.finishReason) {
    problems.push(`the finish reason is ${choice.finishReason}, in the log ${log.finishReason}`)
  }
  return problems
}

/** By the ids of the events, where the client saw them. */
function countTokens({ chunks }: ChoiceAnswer, { frames }: LoggedChoice, verdict: Verdict): void {
  if (chunks.length === 0) return
  const seen = new Map<number, number>()
  for (const { seq } of chunks) seen.set(seq, (seen.get(seq) ?? 0) + 1)
  for (const frame of frames) {
    const times = seen.get(frame.seq) ?? 0
    if (times === 0 && textOf(frame) !== '') verdict.lost += tokensOf(frame)
    if (times > 1) verdict.doubled += (times - 1) * tokensOf(frame)
  }
}

function compareWithExpected(log: LoggedChoice, expected: ReturnType<Load['expected']>): string[] {
  const problems: string[] = []
  if (log.text !== expected.text)
    problems.push(`the log is not what it must be: ${difference(log.text, expected.text)}`)
  if (log.finishReason !== expected.finishReason) {
    problems.push(`it ended with ${log.finishReason} instead of ${expected.finishReason}`)
  }
  if (!Number.isNaN(expected.completionTokens) && log.tokens !== expected.completionTokens) {
    problems.push(`it has ${log.tokens} tokens instead of ${expected.completionTokens}`)
  }
  return problems
}

function checkUsage(load: Knowledge, request: ChatRequest, { usage }: Answer, logs: readonly LoggedChoice[]): string[] {
  const completionTokens = logs.reduce((sum, { tokens }) => sum + tokens, 0)
  const inLogs = logs.reduce((sum, log) => sum + (log.usage?.completionTokens ?? 0), 0)
  const promptTokens = load.promptTokens(request)
  if (
    usage?.completionTokens === completionTokens &&
    inLogs === completionTokens &&
    usage.promptTokens === promptTokens
  ) {
    return []
  }
  const told = `${usage?.promptTokens} + ${usage?.completionTokens}`
  return [`usage says ${told} (the logs ${inLogs}) instead of ${promptTokens} + ${completionTokens}`]
}

function difference(actual: string, expected: string): string {
  let at = 0
  while (at < actual.length && actual[at] === expected[at]) at++
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 20))
  return `from character ${at} on ${around(actual)} instead of ${around(expected)} (${actual.length} and ${expected.length} long)`
}
