import { once } from 'node:events'
import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InFlight } from '../jobs/in-flight.ts'
import { ShutdownFailure } from './shutdown-failure.ts'

export type CloseHttpServerOptions = {
  server: Server
  inFlight: InFlight
  /** Time for what is in flight to end by itself, in milliseconds. */
  drainMs: number
  /** Time for the last bytes to reach the clients, in milliseconds. */
  flushMs: number
}

/**
 * Stops accepting connections, lets what is in flight end for a while, ends the rest with an error that says so, and
 * closes all connections.
 */
export async function closeHttpServer({ server, inFlight, drainMs, flushMs }: CloseHttpServerOptions): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await inFlight.drain({ timeoutMs: drainMs, failure: new ShutdownFailure() })
  // A connection becomes idle when its last answer is flushed, of which nobody tells.
  const idle = setInterval(() => server.closeIdleConnections(), 20)
  await Promise.race([closed, sleep(flushMs, undefined, { ref: false })])
  clearInterval(idle)
  server.closeAllConnections()
  await closed
}
