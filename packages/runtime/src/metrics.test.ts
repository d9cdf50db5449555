import { Counter } from 'prom-client'
import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('a registry has the metrics of the process and those that are added, labelled with the service', async () => {
  const registry = createMetrics({ service: 'api' })
  new Counter({ name: 'test_requests_total', help: 'Requests.', registers: [registry] }).inc(2)
  const text = await registry.metrics()
  expect(text).toContain('test_requests_total{service="api"} 2')
  expect(text).toMatch(/^process_resident_memory_bytes\{service="api"\} \d+/m)
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds\{service="api"\}/m)
})

test('registries do not share metrics', async () => {
  const [one, two] = [createMetrics({ service: 'one' }), createMetrics({ service: 'two' })]
  new Counter({ name: 'only_in_one_total', help: 'One.', registers: [one] })
  expect(await two.metrics()).not.toContain('only_in_one_total')
})
