import type { AuditEntry, Logger } from '@millrace/runtime'
import type { Registry } from 'prom-client'
import type { QueueAdmission } from './admission/queue-admission.ts'
import type { KeyRing } from './auth/key-ring.ts'
import type { SharedJobs } from './coalescing/shared-jobs.ts'
import type { GenerationStore } from './generations/generation-store.ts'
import type { ReaderLeases } from './generations/reader-leases.ts'
import type { BodyLimits } from './http/read-body.ts'
import type { InFlight } from './jobs/in-flight.ts'
import type { JobDispatcher } from './jobs/job-dispatcher.ts'
import type { ModelDirectory } from './models/model-directory.ts'
import type { Quotas } from './quota/quotas.ts'
import type { ApiMetrics } from './telemetry/api-metrics.ts'
import type { RequestRecord } from './telemetry/request-record.ts'

/** Everything the HTTP application is made of; built by main.ts, or by a test. */
export type ApiDependencies = {
  keys: KeyRing
  quotas: Quotas
  admission: QueueAdmission
  models: ModelDirectory
  dispatcher: JobDispatcher
  sharedJobs: SharedJobs
  /** Whether requests that are bound to get the same answer share a job. */
  coalesce: boolean
  inFlight: InFlight
  generations: GenerationStore
  readers: ReaderLeases
  registry: Registry
  metrics: ApiMetrics
  audit: (entry: AuditEntry) => void
  logger: Logger
  /** Rejects when Redis cannot be reached. */
  pingRedis: () => Promise<unknown>
  /** Served to the readiness check. */
  defaultChatModel: string
  /** Put before every chat. */
  systemPrompt: string | undefined
  bodyLimits: BodyLimits
  /** Most tokens of one generation, whatever a request says. */
  maxTokens: number
  /** From a request's arrival until its jobs are given up, in milliseconds. */
  requestTimeoutMs: number
  /** Longest silence on an event stream, in milliseconds. */
  keepAliveMs: number
}

/** What middleware leaves for the handlers of a request. */
export type ApiEnv = {
  Variables: {
    requestId: string
    /** Set by `authenticate`. */
    tenant: string
    /** Set by `recordRequest`. */
    record: RequestRecord
  }
}
