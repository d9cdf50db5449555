import type { Engine } from '@millrace/contracts/jobs'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const latencySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const tokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5]

/** What a worker process measures; names follow the field's conventions (vLLM, Dynamo), with our prefix. */
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>

export function createWorkerMetrics(registry: Registry, engine: Pick<Engine, 'models' | 'busySlots'>) {
  const registers = [registry]
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter({ name: `millrace_worker_${name}`, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, buckets: number[], labelNames: readonly T[] = []) =>
    new Histogram({ name: `millrace_worker_${name}`, help, labelNames, buckets, registers })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `millrace_worker_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const slots = engine.models.reduce((sum, model) => sum + (model.kind === 'generation' ? model.slots : 0), 0)
  return {
    slots: gauge('slots', 'Generations that can run at once.', () => slots),
    busySlots: gauge('busy_slots', 'Generations that run now.', () => engine.busySlots()),
    /** `outcome`: see JobOutcome. */
    jobs: counter('jobs_total', 'Attempts at jobs, by how they ended.', ['kind', 'outcome']),
    failures: counter('job_failures_total', 'Jobs that failed, by the code that the client sees.', ['code']),
    promptTokens: counter('prompt_tokens_total', 'Tokens of prompts and embedding inputs, cached ones included.'),
    cachedTokens: counter('cached_prompt_tokens_total', 'Of those, tokens that were in a slot already.'),
    generationTokens: counter('generation_tokens_total', 'Tokens generated.'),
    queueTime: histogram('queue_time_seconds', 'From submission until the worker took the job.', latencySeconds, [
      'kind',
    ]),
    timeToFirstToken: histogram(
      'time_to_first_token_seconds',
      'From taking a generation until its first token.',
      latencySeconds,
    ),
    interTokenLatency: histogram(
      'inter_token_latency_seconds',
      'Between the tokens of one generation, as they leave the engine.',
      tokenSeconds,
    ),
  }
}
