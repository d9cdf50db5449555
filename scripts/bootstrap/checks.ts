import { join, resolve } from 'node:path'
import { readSettings } from '@millrace/runtime/settings'
import { fetchModelsStep } from './fetch-models-step.ts'
import { ensureRedisServer } from './redis/ensure-redis-server.ts'
import { Problem } from './setup/problem.mjs'
import { runCommand } from './setup/run-command.mjs'
import { runMain } from './setup/run-main.mjs'
import { listenForStop } from './setup/stop-request.mjs'
import { createTerminal } from './setup/terminal.mjs'

// What test.mjs hands over to when Node 24 and the dependencies are there. Arguments go to vitest.
const root = resolve(import.meta.dirname, '../..')
const terminal = createTerminal()
const { signal } = listenForStop()
// Tests use the default models, whatever is set for npm start.
const { INIT_CWD, DATA_DIR, MODELS_DIR, HF_TOKEN } = process.env
const settings = readSettings({ INIT_CWD, DATA_DIR, MODELS_DIR, HF_TOKEN })
const env: NodeJS.ProcessEnv = { ...process.env, MODELS_DIR: settings.modelsDir }

const checks: [name: string, ...pnpmArguments: string[]][] = [
  ['lint', 'lint'],
  ['types', 'types'],
  ['tests', 'exec', 'vitest', 'run', ...process.argv.slice(2)],
]

await runMain({
  terminal,
  interruptedCode: 130,
  run: async () => {
    if (!env.TEST_REDIS_URL) {
      const binDir = join(root, '.millrace/toolchain/bin')
      await ensureRedisServer({ env, binDir, terminal, signal })
    }
    await fetchModelsStep({ settings, terminal, signal })
    for (const [name, ...args] of checks) await check(name, args)
    return 0
  },
})

async function check(name: string, args: string[]): Promise<void> {
  const step = terminal.loudStep(name)
  const { code } = await runCommand({ command: 'pnpm', args, cwd: root, env, output: 'inherit', signal })
  if (code === 0) return step.done()
  step.fail()
  throw new Problem(`npm test stopped at ${name}, which failed (${code}); the reasons are above.`)
}
