import { collectDefaultMetrics, Registry } from 'prom-client'

/**
 * A registry with the default metrics of a Node process (memory, CPU, event loop lag, garbage collection). Every
 * metric in it carries the label `service`.
 */
export function createMetrics(options: { service: string }): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service: options.service })
  collectDefaultMetrics({ register: registry })
  return registry
}
