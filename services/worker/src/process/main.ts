import { createLogger, type Life, type Logger, runProcess } from '@millrace/runtime'
import { readSettings, type Settings, SettingsError } from '@millrace/runtime/settings'
import { tellSupervisor } from '../ipc/tell-supervisor.ts'
import { refusedExitCode } from '../ipc/worker-message.ts'
import { shutdownBudget } from '../shutdown-budget.ts'
import { StartRefusedError } from './start-refused-error.ts'
import { startWorker } from './start-worker.ts'

const index = Number(process.argv[2] ?? 0)
const title = `millrace-worker-${index}`

async function startOrRefuse(settings: Settings, logger: Logger, life: Life): Promise<void> {
  try {
    await startWorker({ settings, index, device: settings.devices[0] ?? 'cpu', logger, life })
  } catch (error) {
    if (life.signal.aborted || !(error instanceof StartRefusedError)) throw error
    logger.fatal({ err: error }, 'cannot start')
    await refuse(error.message)
  }
}

/** Nothing has been taken from the queue yet, so there is nothing to close. */
async function refuse(reason: string): Promise<never> {
  await tellSupervisor({ type: 'worker-refused', reason })
  process.exit(refusedExitCode)
}

try {
  const settings = readSettings(process.env)
  const { logLevel: level, logDir: dir, logMaxBytes: maxBytes, logMaxFiles: maxFiles } = settings
  const logger = createLogger({ service: title, level, dir, maxBytes, maxFiles })
  const shutdownTimeoutMs = shutdownBudget(settings.shutdownTimeoutMs).processMs
  await runProcess({ title, shutdownTimeoutMs, logger, start: (life) => startOrRefuse(settings, logger, life) })
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  await refuse(error.message)
}
