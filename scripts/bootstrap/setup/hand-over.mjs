import { spawn } from 'node:child_process'

/**
 * Runs a TypeScript file of the checkout with Node 24 in this process's place: same terminal, its exit code is ours.
 * It notices by the closed channel when this process dies.
 */
export async function handOver({ toolchain, script, args, env, stop }) {
  const child = spawn(toolchain.node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env: { ...env, PATH: toolchain.path },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // Once for the wish to stop, again for impatience; the other side tells them apart by time.
  for (const signal of [stop.signal, stop.hurry]) {
    const pass = () => child.kill('SIGTERM')
    if (signal.aborted) pass()
    else signal.addEventListener('abort', pass)
  }
  const ended = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signalName) => resolve(code ?? signalName))
  })
  if (typeof ended === 'number') return ended
  process.stderr.write(`${script} was ended by ${ended}.\n`)
  return 1
}
