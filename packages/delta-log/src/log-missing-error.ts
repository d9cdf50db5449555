/** There is no log to read: the job was never submitted, or it ended longer ago than logs are kept. */
export class LogMissingError extends Error {
  readonly jobId: string

  constructor(jobId: string) {
    super(`There is no delta log of job ${jobId}: no such job, or it ended too long ago.`)
    this.name = 'LogMissingError'
    this.jobId = jobId
  }
}
