import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver } from './setup/hand-over.mjs'
import { prepare } from './setup/prepare.mjs'
import { runMain } from './setup/run-main.mjs'
import { listenForStop } from './setup/stop-request.mjs'
import { createTerminal } from './setup/terminal.mjs'

// npm run bench and the like: the same preparation as npm start, then the named TypeScript file with its arguments.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const terminal = createTerminal()
const stop = listenForStop()
const env = { ...process.env, INIT_CWD: process.env.INIT_CWD ?? process.cwd() }
const [script = '', ...args] = process.argv.slice(2)

await runMain({
  terminal,
  interruptedCode: 130,
  run: async () => {
    const toolchain = await prepare({ root, env, terminal, signal: stop.signal })
    return handOver({ toolchain, script: resolve(root, script), args, env, stop })
  },
})
