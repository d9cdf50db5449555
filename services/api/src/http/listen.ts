import { once } from 'node:events'
import type { Server } from 'node:http'

/** Resolves with the address when the server accepts connections; rejects when it cannot, for example a taken port. */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const actualPort = typeof address === 'object' && address !== null ? address.port : port
  return `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`
}
