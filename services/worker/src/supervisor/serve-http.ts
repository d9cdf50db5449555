import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

export type HttpServer = { url: string; close: () => Promise<void> }

/** Resolves when connections are accepted; rejects when they cannot be, for example on a port that is taken. */
export async function serveHttp(app: Hono, { host, port }: { host: string; port: number }): Promise<HttpServer> {
  const server = createServer(getRequestListener(app.fetch))
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const actualPort = typeof address === 'object' && address !== null ? address.port : port
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    // Scrapers keep their connections; an answer here takes milliseconds, so none is worth waiting for.
    server.closeAllConnections()
    await closed
  }
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`, close }
}
