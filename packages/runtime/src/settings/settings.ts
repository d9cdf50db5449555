import { resolve } from 'node:path'
import type { AllowedKey } from './allowed-keys.ts'
import type { SettingVariables } from './setting-variables.ts'

/** The system prompt before every chat: a file's absolute path, or the text itself. */
export type SystemPrompt = { readonly path: string } | { readonly text: string }

/** Limits of each tenant; an absent one does not limit. */
export type Quotas = {
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
  readonly tokensPerDay?: number
  readonly concurrentRequests?: number
}

/** How much may wait for the workers of one model. */
export type BacklogLimits = {
  readonly jobs: number
  readonly tokens: number
  /** Of both, for one tenant; 0 to 1. */
  readonly tenantShare: number
}

export type LogLevel = SettingVariables['LOG_LEVEL']

/** Everything that can be set. The meaning of each value is in the description of its variable. */
export type Settings = {
  readonly modelId: string
  readonly embeddingModelId: string
  readonly devices: readonly string[]
  readonly hfToken?: string
  readonly maxTokens: number
  readonly contextSize: number
  readonly slots: number
  readonly threads?: number
  readonly systemPrompt?: SystemPrompt
  readonly allowedKeys?: readonly AllowedKey[]
  readonly quotas: Quotas
  readonly backlog: BacklogLimits
  readonly coalesce: boolean
  readonly quotaStore: 'redis' | 'memory'
  readonly redisUrl?: string
  readonly redisPrefix: string
  readonly qdrantUrl?: string
  readonly dataDir: string
  readonly modelsDir: string
  readonly host: string
  readonly port: number
  readonly workerHost: string
  readonly workerPort: number
  readonly logLevel: LogLevel
  readonly logDir?: string
  readonly logMaxBytes: number
  readonly logMaxFiles: number
  readonly bodyLimitBytes: number
  readonly requestTimeoutMs: number
  readonly headerTimeoutMs: number
  readonly bodyTimeoutMs: number
  readonly keepAliveMs: number
  readonly logTtlMs: number
  readonly maxCrashes: number
  readonly resumeGraceMs: number
  /** Of `shutdownTimeoutMs` at most 60 %, so that there is time for the rest. */
  readonly drainTimeoutMs: number
  readonly shutdownTimeoutMs: number
  readonly engineModule: string
}

/** What comes after the drain has time of its own. */
const longestDrainShare = 0.6

/** Parsed variables under the names the code uses. Relative paths are taken from the folder `from`. */
export function toSettings(variables: SettingVariables, from: string): Settings {
  const dataDir = resolve(from, variables.DATA_DIR)
  return withoutUndefined({
    modelId: variables.MODEL_ID,
    embeddingModelId: variables.EMBEDDING_MODEL_ID,
    devices: variables.DEVICE,
    hfToken: variables.HF_TOKEN,
    maxTokens: variables.MAX_TOKENS,
    contextSize: variables.CONTEXT_SIZE,
    slots: variables.SLOTS,
    threads: variables.THREADS,
    systemPrompt: toSystemPrompt(variables, from),
    allowedKeys: variables.ALLOWED_KEYS,
    quotas: withoutUndefined({
      requestsPerMinute: variables.RATE_LIMIT_RPM,
      tokensPerMinute: variables.RATE_LIMIT_TPM,
      tokensPerDay: variables.DAILY_TOKENS,
      concurrentRequests: variables.MAX_CONCURRENT,
    }),
    backlog: {
      jobs: variables.MAX_QUEUED_JOBS,
      tokens: variables.MAX_QUEUED_TOKENS,
      tenantShare: variables.MAX_QUEUED_SHARE,
    },
    coalesce: variables.COALESCE === 'on',
    quotaStore: variables.RATE_LIMIT_STORE,
    redisUrl: variables.REDIS_URL,
    redisPrefix: variables.REDIS_PREFIX,
    qdrantUrl: variables.QDRANT_URL,
    dataDir,
    modelsDir: variables.MODELS_DIR === undefined ? resolve(dataDir, 'models') : resolve(from, variables.MODELS_DIR),
    host: variables.HOST,
    port: variables.PORT,
    workerHost: variables.WORKER_HOST,
    workerPort: variables.WORKER_PORT,
    logLevel: variables.LOG_LEVEL,
    logDir: variables.LOG_DIR === undefined ? undefined : resolve(from, variables.LOG_DIR),
    logMaxBytes: variables.LOG_MAX_SIZE,
    logMaxFiles: variables.LOG_MAX_FILES,
    bodyLimitBytes: variables.BODY_LIMIT,
    requestTimeoutMs: variables.REQUEST_TIMEOUT,
    headerTimeoutMs: variables.HEADER_TIMEOUT,
    bodyTimeoutMs: variables.BODY_TIMEOUT,
    keepAliveMs: variables.KEEP_ALIVE,
    logTtlMs: variables.LOG_TTL,
    maxCrashes: variables.MAX_CRASHES,
    resumeGraceMs: variables.RESUME_GRACE,
    drainTimeoutMs: Math.min(variables.DRAIN_TIMEOUT, variables.SHUTDOWN_TIMEOUT * longestDrainShare),
    shutdownTimeoutMs: variables.SHUTDOWN_TIMEOUT,
    engineModule: variables.ENGINE_MODULE,
  })
}

function toSystemPrompt({ PROMPT_PATH, PROMPT_TEXT }: SettingVariables, from: string): SystemPrompt | undefined {
  if (PROMPT_PATH !== undefined) return { path: resolve(from, PROMPT_PATH) }
  return PROMPT_TEXT === undefined ? undefined : { text: PROMPT_TEXT }
}

/** Keys whose value may be undefined become optional, and are left out when it is. */
type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  // The compiler does not follow what the filter does to the entries' types.
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as WithoutUndefined<T>
}
