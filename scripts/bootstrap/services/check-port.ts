import { createServer } from 'node:net'
import { Problem } from '../setup/problem.mjs'

export type Address = {
  host: string
  port: number
  /** The settings that it comes from. */
  hostName: string
  portName: string
  example: string
}

const reasons: Record<string, (address: Address) => string> = {
  EADDRINUSE: ({ host, port, portName, example }) =>
    `Port ${port} of ${host} is taken by another program. Set ${portName} to a free one: ${example}`,
  EACCES: ({ port, portName, example }) =>
    `Port ${port} may not be opened by this user: those below 1024 are reserved. Set ${portName}: ${example}`,
  EADDRNOTAVAIL: ({ host, hostName }) => `${host} is no address of this machine. Set ${hostName} to one that is.`,
  ENOTFOUND: ({ host, hostName }) => `${host} is not known as an address. Set ${hostName} to one of this machine.`,
}

/** Tells before anything long is begun whether a server can listen there. @throws Problem when it cannot. */
export async function checkPort(address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer().once('error', reject)
  server.listen(address.port, address.host, () => server.close(() => resolve()))
  try {
    await promise
  } catch (error) {
    throw new Problem(explain(address, error as NodeJS.ErrnoException))
  }
}

function explain(address: Address, error: NodeJS.ErrnoException): string {
  const explained = reasons[error.code ?? '']?.(address)
  return explained ?? `Nothing can listen on port ${address.port} of ${address.host}: ${error.message}`
}
