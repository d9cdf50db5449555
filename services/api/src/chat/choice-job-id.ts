/** Id of the job that makes one choice of an answer. */
export function choiceJobId(answerId: string, choice: number): string {
  return choice === 0 ? answerId : `${answerId}-${choice}`
}
