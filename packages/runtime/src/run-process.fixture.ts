import { createLogger } from './logger.ts'
import { runProcess } from './run-process.ts'

/** Run as a process of its own: `node run-process.fixture.ts <scenario>`. Tells what happens on standard output. */
const scenario = process.argv[2]
const logger = createLogger({ service: 'fixture', level: 'info' })
const tell = (what: string) => logger.info(what)
const never = new Promise<never>(() => undefined)

await runProcess({
  title: 'millrace-fixture',
  shutdownTimeoutMs: scenario === 'endless closer' ? 60_000 : 500,
  logger,
  start: async (life) => {
    const alive = setInterval(() => undefined, 1000)
    life.defer('timer', () => clearInterval(alive))
    life.signal.addEventListener('abort', () => tell('signal aborted'))
    life.defer('first', () => tell('closed first'))
    life.defer('second', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      tell('closed second')
    })
    if (scenario === 'hanging closer' || scenario === 'endless closer') life.defer('hanging', () => never)
    if (scenario === 'failing closer') life.defer('failing', () => Promise.reject(new Error('cannot close')))
    if (scenario === 'start fails') throw new Error('no weights')
    if (scenario === 'rejection') void Promise.reject(new Error('nobody caught this'))
    if (scenario === 'exception') setTimeout(() => undefinedFunction(), 1)
    if (scenario === 'life.fail') life.fail(new Error('the device is gone'))
    if (scenario === 'life.shutdown') life.shutdown('all done')
    if (scenario === 'late defer') {
      life.shutdown('in the middle of start')
      life.defer('late', () => tell('closed late'))
      throw new Error('interrupted')
    }
    tell(`ready ${process.title}`)
    if (scenario === 'slow start') await never
  },
})
tell('start is over')

function undefinedFunction(): void {
  throw new Error('thrown in a timer')
}
