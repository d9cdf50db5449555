import { Hono } from 'hono'
import { AggregatorRegistry, type Registry } from 'prom-client'
import { deviceLabel } from '../devices/device.ts'
import type { Supervisor } from './supervisor.ts'

export type SupervisorAppOptions = {
  supervisor: Supervisor
  /** The supervisor's own metrics. */
  registry: Registry
}

/** `/healthz`: 200 while a worker process is ready, 503 otherwise, with the state of each. `/metrics`: of all of them. */
export function supervisorApp({ supervisor, registry }: SupervisorAppOptions): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => {
    const status = supervisor.ready ? 'up' : 'down'
    return context.json({ status, workers: describeWorkers(supervisor) }, supervisor.ready ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const collected = await Promise.all(supervisor.workers.map((worker) => worker.metrics()))
    const workers = AggregatorRegistry.aggregate(collected.filter((metrics) => metrics.length > 0))
    const text = [await registry.metrics(), await workers.metrics()].join('\n')
    return context.body(text, 200, { 'content-type': registry.contentType })
  })
  return app
}

function describeWorkers({ workers }: Supervisor) {
  return workers.map(({ number, device, state, pid, restarts }) => {
    return { worker: number, device: deviceLabel(device), state, pid, restarts }
  })
}
