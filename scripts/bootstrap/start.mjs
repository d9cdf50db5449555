import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clusterLockFile, dataFolder, runsAlready } from './setup/data-folder.mjs'
import { handOver } from './setup/hand-over.mjs'
import { prepare } from './setup/prepare.mjs'
import { Problem } from './setup/problem.mjs'
import { lockHolder } from './setup/process-lock.mjs'
import { runMain } from './setup/run-main.mjs'
import { listenForStop } from './setup/stop-request.mjs'
import { createTerminal } from './setup/terminal.mjs'

// npm start: the whole cluster on this machine. Runs on Node 18 with nothing installed; the rest is in cluster.ts.
// Ctrl-C or SIGTERM ends everything that it started; being asked to stop is no failure, so the exit code is 0.
const folder = dirname(fileURLToPath(import.meta.url))
const terminal = createTerminal()
const stop = listenForStop()
const env = { ...process.env, INIT_CWD: process.env.INIT_CWD ?? process.cwd() }

await runMain({
  terminal,
  interruptedCode: 0,
  run: async () => {
    const dataDir = dataFolder(env)
    const holder = lockHolder(clusterLockFile(dataDir))
    if (holder !== undefined) throw new Problem(runsAlready(dataDir, holder))
    const toolchain = await prepare({ root: join(folder, '../..'), env, terminal, signal: stop.signal })
    return handOver({ toolchain, script: join(folder, 'cluster.ts'), args: [], env, stop })
  },
})
