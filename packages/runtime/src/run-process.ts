import type { Life } from './life.ts'
import { Lifetime } from './lifetime.ts'
import type { Logger } from './logger.ts'

export type RunProcessOptions = {
  /** Shown by `ps`. */
  title: string
  /** Time for all closers together, in milliseconds. */
  shutdownTimeoutMs: number
  logger: Logger
  /** Builds the service. A rejection is fatal, unless shutdown has begun. */
  start: (life: Life) => Promise<void>
}

/**
 * The life of a service's process: runs `start`, then until SIGTERM, SIGINT, the end of the parent's IPC channel,
 * `life.shutdown` or an error that nobody caught, then the closers, then exits: with 0, with 1 after an error or when
 * the closers outlast `shutdownTimeoutMs`. The same signal once more exits at once.
 *
 * Resolves when `start` has ended.
 */
export async function runProcess(options: RunProcessOptions): Promise<void> {
  process.title = options.title
  const life = new Lifetime(options)
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => life.receive(name))
  // The parent of a worker process died, or let go of it: nobody would ever end this process.
  process.once('disconnect', () => life.shutdown('the parent process has gone'))
  process.on('uncaughtException', (error) => life.fail(error))
  process.on('unhandledRejection', (reason) => life.fail(reason))
  try {
    await options.start(life)
  } catch (error) {
    if (!life.signal.aborted) life.fail(error)
    else options.logger.debug({ err: error }, 'start was interrupted by the shutdown')
  }
}
