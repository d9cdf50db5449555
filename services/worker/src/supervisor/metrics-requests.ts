import type { ChildProcess } from 'node:child_process'
import type { ChildMessage, SupervisorMessage } from './child-message.ts'

type Answer = Extract<ChildMessage, { type: 'metrics-collected' }>

/** A process that is stuck in a native call must not hold up the metrics of the others. */
const timeoutMs = 1_000

/** Asks a worker process for its metrics over the IPC channel and matches the answers. */
export class MetricsRequests {
  readonly #waiting = new Map<number, (metrics: object[]) => void>()
  #last = 0

  ask(child: ChildProcess): Promise<object[]> {
    const request = ++this.#last
    return new Promise((resolve) => {
      const finish = (metrics: object[]) => {
        clearTimeout(timer)
        this.#waiting.delete(request)
        resolve(metrics)
      }
      const timer = setTimeout(() => finish([]), timeoutMs)
      this.#waiting.set(request, finish)
      const message: SupervisorMessage = { type: 'metrics-wanted', request }
      child.send(message, (error) => error && finish([]))
    })
  }

  answer({ request, metrics }: Answer): void {
    // They come from our own registry in the other process; prom-client checks nothing more than this.
    this.#waiting.get(request)?.(metrics as object[])
  }
}
