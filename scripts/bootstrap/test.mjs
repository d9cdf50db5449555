import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver } from './setup/hand-over.mjs'
import { prepare } from './setup/prepare.mjs'
import { runMain } from './setup/run-main.mjs'
import { listenForStop } from './setup/stop-request.mjs'
import { createTerminal } from './setup/terminal.mjs'

// npm test: the same preparation as npm start, then every check. Arguments go to vitest: npm test -- packages/queue
// Exit code 0 only when everything has passed; 130 when it was stopped.
const folder = dirname(fileURLToPath(import.meta.url))
const terminal = createTerminal()
const stop = listenForStop()
const env = { ...process.env, INIT_CWD: process.env.INIT_CWD ?? process.cwd(), TURBO_TELEMETRY_DISABLED: '1' }

await runMain({
  terminal,
  interruptedCode: 130,
  run: async () => {
    const toolchain = await prepare({ root: join(folder, '../..'), env, terminal, signal: stop.signal })
    return handOver({ toolchain, script: join(folder, 'checks.ts'), args: process.argv.slice(2), env, stop })
  },
})
