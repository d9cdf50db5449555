import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../cluster/free-port.ts'
import { checkPort } from './check-port.ts'

const address = { host: '127.0.0.1', hostName: 'HOST', portName: 'PORT', example: 'PORT=8080 npm start' }

test('a free port passes, and is free afterwards', async () => {
  const port = await freePort()
  await checkPort({ ...address, port })
  await checkPort({ ...address, port })
})

test('a taken port is a problem that names the setting and how to change it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(checkPort({ ...address, port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`)
  await expect(checkPort({ ...address, port })).rejects.toThrow('Set PORT to a free one: PORT=8080 npm start')
})

test("an address that is not this machine's is a problem that names HOST", async () => {
  await expect(checkPort({ ...address, host: '192.0.2.1', port: 0 })).rejects.toThrow(/192\.0\.2\.1.*HOST/)
})
