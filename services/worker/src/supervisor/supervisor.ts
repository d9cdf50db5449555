import type { Logger } from '@millrace/runtime'
import { childEnvironment } from '../devices/child-environment.ts'
import type { Device } from '../devices/device.ts'
import { WorkerProcess } from './worker-process.ts'

export type SupervisorOptions = {
  devices: readonly Device[]
  /** CPU threads of each process. */
  threads: number
  env: Record<string, string | undefined>
  logger: Logger
  /** Called once when no process can ever work. */
  onAllFailed: () => void
}

/** Keeps one worker process per device alive. */
export class Supervisor {
  readonly workers: readonly WorkerProcess[]

  constructor({ devices, threads, env, logger, onAllFailed }: SupervisorOptions) {
    this.workers = devices.map(
      (device, index) =>
        new WorkerProcess({
          number: index + 1,
          device,
          env: childEnvironment({ env, device, threads }),
          logger,
          onChange: () => {
            if (this.workers.every(({ state }) => state === 'failed')) onAllFailed()
          },
        }),
    )
  }

  start(): void {
    for (const worker of this.workers) worker.start()
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop(timeoutMs)))
  }

  get ready(): boolean {
    return this.workers.some(({ state }) => state === 'ready')
  }
}
