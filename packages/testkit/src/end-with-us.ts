import { spawn } from 'node:child_process'

/**
 * Kills the process `pid` when this one ends, however it ends: a runner that is killed runs no exit handlers. A shell
 * waits at a pipe that the kernel closes with this process.
 *
 * @returns how to call that off, once the process has ended.
 */
export function endWithUs(pid: number): () => void {
  const script = 'read -r _; kill -9 "$0"'
  // Detached: Ctrl-C in a terminal must not end the guard before what it guards.
  const guard = spawn('sh', ['-c', script, String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  return () => void guard.kill('SIGKILL')
}
