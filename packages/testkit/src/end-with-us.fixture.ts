import { spawn } from 'node:child_process'
import { endWithUs } from './end-with-us.ts'

/** Run by `fork`: guards a process, tells its id, and stays. */
const { pid = 0 } = spawn('sleep', ['60'], { stdio: 'ignore' })
endWithUs(pid)
process.send?.({ guarded: pid })
