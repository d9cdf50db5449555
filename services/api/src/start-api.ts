import { type AssembleAppOptions, assembleApp } from './assemble-app.ts'
import { closeHttpServer } from './http/close-http-server.ts'
import { createHttpServer } from './http/create-http-server.ts'
import { listen } from './http/listen.ts'

/** Most of the shutdown time that answers get to end by themselves, whatever the drain time. */
const drainShare = 0.6
/** Share of it for the last bytes to reach the clients; what remains is for the other closers. */
const flushShare = 0.1

/** Builds the service, has it listen, and gives its address. */
export async function startApi({ settings, logger, life }: AssembleAppOptions): Promise<string> {
  const { app, inFlight } = await assembleApp({ settings, logger, life })
  const server = createHttpServer({ app, ...settings })
  const url = await listen(server, settings)
  const { drainTimeoutMs, shutdownTimeoutMs } = settings
  const drainMs = Math.min(drainTimeoutMs, shutdownTimeoutMs * drainShare)
  const flushMs = shutdownTimeoutMs * flushShare
  life.defer('http server', () => closeHttpServer({ server, inFlight, drainMs, flushMs }))
  logger.info({ url }, 'listening')
  return url
}
