import { z } from 'zod'
import { allowedKeys } from './allowed-keys.ts'
import { devices } from './devices.ts'
import { optional, withDefault } from './setting.ts'
import { duration, integer, matching, oneOf, percentage, size, url } from './setting-kind.ts'

const model = matching('an id, a path or a URI', /^[^\0\r\n]{1,4096}$/)
const word = matching('a text without spaces', /^\S{1,1000}$/)
const folder = matching('a folder', /^[^\0]{1,4096}$/)
const file = matching('a file', /^[^\0]{1,4096}$/)
const text = matching('a text of at most 100000 characters', /^[^\0]{1,100000}$/s)
const host = matching('a host name or IP address', /^[\w.:[\]-]{1,255}$/)
const port = integer(0, 65_535)
const quota = integer(1, 1_000_000_000_000)

/**
 * Every environment variable that Millrace reads: one entry gives its parsing, its default, its error message and its
 * row in the docs.
 */
export const SettingVariables = z
  .object({
    MODEL_ID: withDefault(model, 'smollm2-135m-instruct', {
      description: 'The chat model: an id of the catalogue, the path of a GGUF file, or an `hf:` URI.',
    }),
    EMBEDDING_MODEL_ID: withDefault(model, 'all-minilm-l6-v2', {
      description: 'The embedding model, written in the same ways.',
    }),
    DEVICE: withDefault(devices, 'auto', {
      description: 'One worker process per entry. `auto`: one per CUDA device, or one on the CPU when there is none.',
    }),
    HF_TOKEN: optional(word, {
      description: 'Access token for gated or private models on Hugging Face.',
      secrecy: 'hidden',
    }),
    MAX_TOKENS: withDefault(integer(1, 10_000_000), '4096', {
      description: 'Most tokens of one completion, whatever the request asks for.',
    }),
    CONTEXT_SIZE: withDefault(integer(64, 10_000_000), '4096', {
      description: 'Tokens of prompt and completion together, in each slot.',
    }),
    SLOTS: withDefault(integer(1, 256), '8', {
      description: 'Generations that one worker process runs at once.',
    }),
    THREADS: optional(integer(1, 1024), {
      description: "CPU threads of one worker process. Unset: the machine's cores, shared between the processes.",
    }),
    PROMPT_PATH: optional(file, {
      description: 'File with a system prompt that is put before every chat.',
    }),
    PROMPT_TEXT: optional(text, {
      description: 'The system prompt itself, instead of a file.',
      secrecy: 'hidden',
    }),
    ALLOWED_KEYS: optional(allowedKeys, {
      description:
        'API keys, of at least 8 characters. Unset: the first start makes a key and keeps it in the data folder.',
      secrecy: 'hidden',
    }),
    RATE_LIMIT_RPM: optional(quota, { description: 'Requests per minute and tenant. Unset: no limit.' }),
    RATE_LIMIT_TPM: optional(quota, { description: 'Tokens per minute and tenant. Unset: no limit.' }),
    DAILY_TOKENS: optional(quota, { description: 'Tokens per day and tenant. Unset: no limit.' }),
    MAX_CONCURRENT: optional(quota, { description: 'Requests of a tenant at the same time. Unset: no limit.' }),
    MAX_QUEUED_JOBS: withDefault(integer(1, 1_000_000), '10000', {
      description: 'Jobs that may wait for the workers of one model; more are refused with 503.',
    }),
    MAX_QUEUED_TOKENS: withDefault(integer(1, 1_000_000_000_000), '10000000', {
      description: 'Tokens of prompts and expected answers that may wait for the workers of one model.',
    }),
    MAX_QUEUED_SHARE: withDefault(percentage, '50%', {
      description: 'Of both, how much may be of one tenant; more of its requests are refused with 429.',
    }),
    COALESCE: withDefault(oneOf(['on', 'off']), 'off', {
      description:
        'Whether requests of one tenant that are bound to get the same answer (temperature 0, a seed, embeddings) share one job while it is under way.',
    }),
    RATE_LIMIT_STORE: withDefault(oneOf(['redis', 'memory']), 'redis', {
      description: 'Where limits are counted: in Redis for all API processes together, or in the memory of each.',
    }),
    REDIS_URL: optional(url('redis', 'rediss'), {
      description: 'The Redis server. Unset: `npm start` runs a private one.',
      secrecy: 'credentials',
    }),
    REDIS_PREFIX: withDefault(
      matching('1 to 64 letters, digits, ".", "_", "-", "{" or "}"', /^[\w.{}-]{1,64}$/),
      'millrace',
      {
        description: 'Begins the name of every Redis key and channel, so that clusters can share a server.',
      },
    ),
    QDRANT_URL: optional(url('http', 'https'), {
      description: 'The Qdrant server for retrieval.',
      secrecy: 'credentials',
    }),
    DATA_DIR: withDefault(folder, './data', {
      description: 'Where models, the generated key and a private Redis live.',
    }),
    MODELS_DIR: optional(folder, { description: 'Where models are kept. Unset: `models` in the data folder.' }),
    HOST: withDefault(host, '127.0.0.1', { description: 'Address that the API listens on.' }),
    PORT: withDefault(port, '8000', { description: 'Port of the API; 0 takes a free one.' }),
    WORKER_HOST: withDefault(host, '127.0.0.1', {
      description: "Address of the worker supervisor's `/healthz` and `/metrics`.",
    }),
    WORKER_PORT: withDefault(port, '8001', { description: 'Port of the same; 0 takes a free one.' }),
    LOG_LEVEL: withDefault(oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), 'info', {
      description: 'The least important lines that are logged. The audit log is hidden by `silent` only.',
    }),
    LOG_DIR: optional(folder, {
      description: 'Folder for log files, with a new file every day. Unset: logs go to standard output only.',
    }),
    LOG_MAX_SIZE: withDefault(size('4k', '100g'), '50m', {
      description: 'A larger log file is closed and a new one begun.',
    }),
    LOG_MAX_FILES: withDefault(integer(1, 10_000), '14', { description: 'Log files kept of each process.' }),
    BODY_LIMIT: withDefault(size('1k', '1g'), '16MiB', { description: 'Largest request body.' }),
    REQUEST_TIMEOUT: withDefault(duration('1s', '24h'), '10m', {
      description: 'From the arrival of a request to the end of its answer, waiting in the queue included.',
    }),
    HEADER_TIMEOUT: withDefault(duration('100ms', '1h'), '10s', {
      description: 'For receiving the headers of a request.',
    }),
    BODY_TIMEOUT: withDefault(duration('100ms', '1h'), '30s', { description: 'For receiving the body of a request.' }),
    KEEP_ALIVE: withDefault(duration('100ms', '1h'), '15s', {
      description: 'A stream that is silent for this long gets a comment, so that proxies do not close it.',
    }),
    LOG_TTL: withDefault(duration('1s', '7d'), '10m', {
      description: "How long a job's delta log can be read after its end.",
    }),
    MAX_CRASHES: withDefault(integer(1, 100), '3', {
      description: 'A job is given up when its worker process has died this often without getting any further.',
    }),
    RESUME_GRACE: withDefault(duration('100ms', '1h'), '30s', {
      description: 'How long a generation with an `Idempotency-Key` goes on while nobody reads it.',
    }),
    DRAIN_TIMEOUT: withDefault(duration('0s', '1h'), '10s', {
      description:
        'How long what is running may go on by itself when a process is told to end; the rest is handed over. At most 60 % of `SHUTDOWN_TIMEOUT`.',
    }),
    SHUTDOWN_TIMEOUT: withDefault(duration('100ms', '1h'), '20s', {
      description: 'How long a process may take to end in order, draining included.',
    }),
    ENGINE_MODULE: withDefault(word, '@millrace/engine', {
      description: 'The module that runs models. Only tests and load runs use another one.',
    }),
  })
  .refine(({ PROMPT_PATH, PROMPT_TEXT }) => PROMPT_PATH === undefined || PROMPT_TEXT === undefined, {
    path: ['PROMPT_TEXT'],
    error: 'no value while PROMPT_PATH is set',
    // Also when other variables are wrong: all problems are told at once.
    when: () => true,
  })
export type SettingVariables = z.infer<typeof SettingVariables>
