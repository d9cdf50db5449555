import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const latencySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const tokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5]

/** What this service measures; names follow the field's conventions (vLLM, Dynamo), with our prefix. */
export type ApiMetrics = ReturnType<typeof createApiMetrics>

export function createApiMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name: `millrace_${name}`, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, labelNames: readonly T[], buckets: number[]) =>
    new Histogram({ name: `millrace_${name}`, help, labelNames, buckets, registers })
  return {
    requests: counter('requests_total', 'HTTP requests by route and status.', ['route', 'status']),
    duration: histogram(
      'request_duration_seconds',
      'From the first byte of a request to the end of its answer.',
      ['route'],
      latencySeconds,
    ),
    promptTokens: counter('prompt_tokens_total', 'Tokens of prompts and embedding inputs.', ['model']),
    generationTokens: counter('generation_tokens_total', 'Tokens generated.', ['model']),
    queueTime: histogram(
      'request_queue_time_seconds',
      'From the submission of a job until a worker starts it.',
      ['model'],
      latencySeconds,
    ),
    timeToFirstToken: histogram(
      'time_to_first_token_seconds',
      'From the arrival of a request until its first generated token.',
      ['model'],
      latencySeconds,
    ),
    interTokenLatency: histogram(
      'inter_token_latency_seconds',
      'Between the tokens of one generation, as they reach the API.',
      ['model'],
      tokenSeconds,
    ),
    failures: counter('request_failures_total', 'Requests that ended with an error, by its code.', ['code']),
    cancelled: counter('requests_cancelled_total', 'Requests whose client went away.', ['model']),
    openStreams: new Gauge({ name: 'millrace_open_streams', help: 'Event streams open now.', registers }),
  }
}
