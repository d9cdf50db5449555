import { createLogger } from './logger.ts'

/** Run as a process of its own: `node logger.fixture.ts <scenario> [dir]`. */
const [scenario, dir] = process.argv.slice(2)

if (scenario === 'pretty') process.stdout.isTTY = true
const logger = createLogger({
  service: 'test-service',
  level: scenario === 'level' ? 'warn' : 'info',
  dir,
  ...(scenario === 'rotation' ? { maxBytes: 4096, maxFiles: 3 } : {}),
})

if (scenario === 'secrets') {
  logger.info({ authorization: 'secret-1', req: { headers: { authorization: 'secret-2', 'x-api-key': 'secret-3' } } })
  logger.info({
    settings: { hfToken: 'secret-4', allowedKeys: [{ key: 'secret-5' }], redisUrl: 'redis://:secret-6@x' },
  })
  const command = { name: 'xadd', args: ['log', 'secret-7'] }
  logger.error({ err: Object.assign(new Error('timed out'), { command }) }, 'redis')
  logger.error({ err: new Error('outer', { cause: Object.assign(new Error('inner'), { command }) }) }, 'redis')
  logger.child({ apiKey: 'secret-8' }).info('child')
}
if (scenario === 'level') {
  logger.info('hidden')
  logger.warn('shown')
}
if (scenario === 'pretty') logger.warn({ jobId: 'job-1' }, 'a slow job')
if (scenario === 'rotation') {
  for (let line = 0; line < 200; line++) {
    logger.info({ line, padding: 'x'.repeat(200) }, 'rotating')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
if (scenario === 'exit') {
  logger.info('the last line')
  process.exit(0)
}
