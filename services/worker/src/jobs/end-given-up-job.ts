import { closeLog } from '@millrace/delta-log'
import type { Logger } from '@millrace/runtime'
import type { Redis } from 'ioredis'

export type EndGivenUpJobOptions = { redis: Redis; prefix: string; ttlMs: number; logger: Logger }

const message = 'The request could not be worked on, after several attempts. Please try again.'

/** Says in the log of a job which the queue gives up that it has failed, so that whoever reads it is not left waiting. */
export async function endGivenUpJob(options: EndGivenUpJobOptions, jobId: string, cause: unknown): Promise<void> {
  const { redis, prefix, ttlMs, logger } = options
  logger.error({ err: cause, jobId }, 'gave a job up')
  await closeLog({ redis, prefix, ttlMs, jobId, event: { type: 'job-failed', code: 'internal_error', message } })
}
