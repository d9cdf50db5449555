import { resolve } from 'node:path'
import { runCluster } from './run-cluster.ts'
import { runMain } from './setup/run-main.mjs'
import { listenForStop } from './setup/stop-request.mjs'
import { createTerminal } from './setup/terminal.mjs'

// What start.mjs hands over to when Node 24 and the dependencies are there.
const root = resolve(import.meta.dirname, '../..')
const terminal = createTerminal()
const stop = listenForStop()

await runMain({
  terminal,
  interruptedCode: 0,
  run: async () => {
    await runCluster({ root, env: process.env, terminal, stop })
    return 0
  },
})
