import type { Registry } from 'prom-client'
import { type ChildMessage, SupervisorMessage } from '../supervisor/child-message.ts'

/** Tells the supervisor something; a process that was started without one talks to nobody. */
export function tellSupervisor(message: ChildMessage): void {
  // The channel may close at any moment; that ends this process by itself.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

/** Answers the supervisor's questions for as long as this process lives. */
export function answerSupervisor(registry: Registry): void {
  process.on('message', (message) => {
    const { request } = SupervisorMessage.parse(message)
    void registry.getMetricsAsJSON().then((metrics) => tellSupervisor({ type: 'metrics-collected', request, metrics }))
  })
}
