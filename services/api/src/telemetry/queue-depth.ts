import type { JobKind } from '@millrace/contracts/jobs'
import { Gauge, type Registry } from 'prom-client'

export type QueueDepthOptions = {
  registry: Registry
  counts: (model: string, kind: JobKind) => Promise<{ waiting: number; active: number }>
  models: () => Promise<readonly { id: string; kind: JobKind }[]>
  onError: (error: unknown) => void
}

/** Measures the queues when somebody looks at the metrics. While Redis is away the metric is absent, not wrong. */
export function measureQueueDepth({ registry, counts, models, onError }: QueueDepthOptions): void {
  const gauge = new Gauge({
    name: 'millrace_queue_depth',
    help: 'Jobs in the queue: waiting for a worker, or active on one.',
    labelNames: ['model', 'kind', 'state'],
    registers: [registry],
    async collect() {
      gauge.reset()
      try {
        for (const { id: model, kind } of await models()) {
          const { waiting, active } = await counts(model, kind)
          gauge.set({ model, kind, state: 'waiting' }, waiting)
          gauge.set({ model, kind, state: 'active' }, active)
        }
      } catch (error) {
        onError(error)
      }
    },
  })
}
