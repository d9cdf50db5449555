import { Hono } from 'hono'
import { Registry } from 'prom-client'
import type { Supervisor } from './supervisor.ts'

/** `GET /healthz` (503 while no worker is ready) and `GET /metrics`. */
export function createSupervisorApp(supervisor: Pick<Supervisor, 'workers' | 'renderMetrics'>): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => {
    const { workers } = supervisor
    const up = workers.some(({ state }) => state === 'ready')
    return context.json({ status: up ? 'up' : 'down', workers }, up ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const text = await supervisor.renderMetrics()
    return context.body(text, 200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE })
  })
  return app
}
