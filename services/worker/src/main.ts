import { createLogger, runProcess } from '@millrace/runtime'
import { readSettings, SettingsError } from '@millrace/runtime/settings'
import { startSupervisor } from './start-supervisor.ts'

const title = 'millrace-worker-supervisor'

try {
  const settings = readSettings(process.env)
  const { logLevel: level, logDir: dir, logMaxBytes: maxBytes, logMaxFiles: maxFiles, shutdownTimeoutMs } = settings
  const logger = createLogger({ service: title, level, dir, maxBytes, maxFiles })
  await runProcess({
    title,
    shutdownTimeoutMs,
    logger,
    start: (life) => startSupervisor({ settings, env: process.env, logger, life }),
  })
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
