import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSettings } from './read-settings.ts'
import type { Settings } from './settings.ts'
import { SettingsError } from './settings-error.ts'

function errorOf(env: Record<string, string>): SettingsError {
  try {
    readSettings(env)
  } catch (error) {
    if (error instanceof SettingsError) return error
    throw error
  }
  throw new Error('the settings were accepted')
}

describe('values', () => {
  test('an empty environment gives the defaults', () => {
    expect(readSettings({})).toEqual({
      modelId: 'smollm2-135m-instruct',
      embeddingModelId: 'all-minilm-l6-v2',
      devices: ['auto'],
      maxTokens: 4096,
      contextSize: 4096,
      slots: 8,
      quotas: {},
      backlog: { jobs: 10_000, tokens: 10_000_000, tenantShare: 0.5 },
      coalesce: false,
      quotaStore: 'redis',
      redisPrefix: 'millrace',
      dataDir: resolve('data'),
      modelsDir: resolve('data/models'),
      host: '127.0.0.1',
      port: 8000,
      workerHost: '127.0.0.1',
      workerPort: 8001,
      logLevel: 'info',
      logMaxBytes: 52_428_800,
      logMaxFiles: 14,
      bodyLimitBytes: 16_777_216,
      requestTimeoutMs: 600_000,
      headerTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
      keepAliveMs: 15_000,
      logTtlMs: 600_000,
      maxCrashes: 3,
      resumeGraceMs: 30_000,
      drainTimeoutMs: 10_000,
      shutdownTimeoutMs: 20_000,
      engineModule: '@millrace/engine',
    } satisfies Settings)
  })

  test('every variable reaches its setting', () => {
    const settings = readSettings({
      MODEL_ID: 'hf:mradermacher/Some-Model-GGUF:Q4_K_M',
      EMBEDDING_MODEL_ID: '/models/my model.gguf',
      DEVICE: 'cuda:0, cuda:GPU-8f3a-11,cpu',
      HF_TOKEN: 'hf_abc',
      MAX_TOKENS: '100',
      CONTEXT_SIZE: '2048',
      SLOTS: '3',
      THREADS: '2',
      PROMPT_TEXT: 'You are a miller.\nBe brief.',
      ALLOWED_KEYS: 'acme=secret-key',
      RATE_LIMIT_RPM: '60',
      RATE_LIMIT_TPM: '6000',
      DAILY_TOKENS: '100000',
      MAX_CONCURRENT: '4',
      MAX_QUEUED_JOBS: '20',
      MAX_QUEUED_TOKENS: '3000',
      MAX_QUEUED_SHARE: '25%',
      COALESCE: 'on',
      RATE_LIMIT_STORE: 'memory',
      REDIS_URL: 'rediss://user:password@redis.example:6380/2',
      REDIS_PREFIX: '{mill}',
      QDRANT_URL: 'http://localhost:6333',
      DATA_DIR: '/data',
      MODELS_DIR: '/models',
      HOST: '::1',
      PORT: '0',
      WORKER_HOST: '0.0.0.0',
      WORKER_PORT: '9001',
      LOG_LEVEL: 'debug',
      LOG_DIR: '/logs',
      LOG_MAX_SIZE: '1g',
      LOG_MAX_FILES: '3',
      BODY_LIMIT: '1m',
      REQUEST_TIMEOUT: '90',
      HEADER_TIMEOUT: '500ms',
      BODY_TIMEOUT: '1.5s',
      KEEP_ALIVE: '1m',
      LOG_TTL: '1h',
      MAX_CRASHES: '5',
      RESUME_GRACE: '45s',
      DRAIN_TIMEOUT: '5s',
      SHUTDOWN_TIMEOUT: '2s',
      ENGINE_MODULE: '@millrace/testkit/scripted-engine',
    })
    expect(settings).toEqual({
      modelId: 'hf:mradermacher/Some-Model-GGUF:Q4_K_M',
      embeddingModelId: '/models/my model.gguf',
      devices: ['cuda:0', 'cuda:GPU-8f3a-11', 'cpu'],
      hfToken: 'hf_abc',
      maxTokens: 100,
      contextSize: 2048,
      slots: 3,
      threads: 2,
      systemPrompt: { text: 'You are a miller.\nBe brief.' },
      allowedKeys: [{ tenant: 'acme', key: 'secret-key' }],
      quotas: { requestsPerMinute: 60, tokensPerMinute: 6000, tokensPerDay: 100_000, concurrentRequests: 4 },
      backlog: { jobs: 20, tokens: 3000, tenantShare: 0.25 },
      coalesce: true,
      quotaStore: 'memory',
      redisUrl: 'rediss://user:password@redis.example:6380/2',
      redisPrefix: '{mill}',
      qdrantUrl: 'http://localhost:6333',
      dataDir: '/data',
      modelsDir: '/models',
      host: '::1',
      port: 0,
      workerHost: '0.0.0.0',
      workerPort: 9001,
      logLevel: 'debug',
      logDir: '/logs',
      logMaxBytes: 1024 ** 3,
      logMaxFiles: 3,
      bodyLimitBytes: 1024 ** 2,
      requestTimeoutMs: 90_000,
      headerTimeoutMs: 500,
      bodyTimeoutMs: 1500,
      keepAliveMs: 60_000,
      logTtlMs: 3_600_000,
      maxCrashes: 5,
      resumeGraceMs: 45_000,
      drainTimeoutMs: 1200,
      shutdownTimeoutMs: 2000,
      engineModule: '@millrace/testkit/scripted-engine',
    } satisfies Required<Settings>)
  })

  test('an empty or blank variable counts as unset', () => {
    expect(readSettings({ PORT: '', HF_TOKEN: ' ', PROMPT_PATH: '', PROMPT_TEXT: 'Hi', THREADS: '\t' })).toEqual({
      ...readSettings({}),
      systemPrompt: { text: 'Hi' },
    })
  })

  test('relative folders are taken from where npm was called', () => {
    const env = {
      INIT_CWD: '/home/ada',
      DATA_DIR: 'mill',
      MODELS_DIR: 'weights',
      LOG_DIR: './logs',
      PROMPT_PATH: 'p.txt',
    }
    expect(readSettings(env)).toMatchObject({
      dataDir: '/home/ada/mill',
      modelsDir: '/home/ada/weights',
      logDir: '/home/ada/logs',
      systemPrompt: { path: '/home/ada/p.txt' },
    })
    expect(readSettings({ DATA_DIR: 'mill' }).modelsDir).toBe(join(process.cwd(), 'mill/models'))
  })

  test('nothing in the settings can be changed', () => {
    const settings = readSettings({ ALLOWED_KEYS: 'acme=secret-key', DEVICE: 'cpu,cpu', PROMPT_TEXT: 'Hi' })
    const parts = [settings, settings.devices, settings.quotas, settings.allowedKeys, settings.allowedKeys?.[0]]
    expect([...parts, settings.systemPrompt].map((part) => Object.isFrozen(part))).toEqual(Array(6).fill(true))
  })

  test('variables of others do not matter', () => {
    expect(readSettings({ PATH: '/bin', NODE_ENV: 'test' })).toEqual(readSettings({}))
  })
})

describe('errors', () => {
  test('all problems are told at once, each with the variable, what was expected and what it got', () => {
    const error = errorOf({
      PORT: 'http',
      SLOTS: '-1',
      LOG_LEVEL: 'loud',
      REQUEST_TIMEOUT: '10 minutes',
      DEVICE: 'gpu',
    })
    expect(error.message.split('\n')).toEqual([
      'The settings cannot be used:',
      'DEVICE: expected "auto", or a comma list of "cpu" and "cuda:<ordinal or UUID>" ("cpu,cpu", "cuda:0,cuda:1"), got "gpu"',
      'SLOTS: expected a whole number from 1 to 256, got "-1"',
      'PORT: expected a whole number from 0 to 65535, got "http"',
      'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, got "loud"',
      'REQUEST_TIMEOUT: expected a duration from 1s to 24h (500ms, 10s, 5m, 1h; a bare number is seconds), got "10 minutes"',
    ])
    expect(error.problems.map(({ name }) => name)).toEqual(['DEVICE', 'SLOTS', 'PORT', 'LOG_LEVEL', 'REQUEST_TIMEOUT'])
  })

  const badNumbers = [
    'NaN',
    '-1',
    '0',
    '1.5',
    '1e3',
    '0x10',
    'Infinity',
    ' 5',
    '5 ',
    '1_000',
    '99999999999999999999',
    '٣',
  ]
  test.each(badNumbers)('%j is not a number of slots, threads, tokens or requests', (value) => {
    const names = [
      'MAX_TOKENS',
      'CONTEXT_SIZE',
      'SLOTS',
      'THREADS',
      'RATE_LIMIT_RPM',
      'MAX_CONCURRENT',
      'LOG_MAX_FILES',
    ]
    const { problems } = errorOf(Object.fromEntries(names.map((name) => [name, value])))
    expect(problems.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    expect(problems.map(({ got }) => got)).toEqual(names.map(() => value))
  })

  test.each([
    ['PORT', '65536'],
    ['CONTEXT_SIZE', '10000001'],
    ['SLOTS', '257'],
    ['REQUEST_TIMEOUT', '25h'],
    ['REQUEST_TIMEOUT', '0'],
    ['LOG_TTL', '8d'],
    ['BODY_LIMIT', '2g'],
    ['BODY_LIMIT', '0'],
    ['LOG_MAX_SIZE', '1'],
    ['DEVICE', 'auto,cpu'],
    ['DEVICE', 'cuda'],
    ['DEVICE', 'cuda:-1'],
    ['DEVICE', 'cpu,'],
    ['DEVICE', Array(65).fill('cpu').join()],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['REDIS_URL', 'redis://'],
    ['QDRANT_URL', 'redis://localhost'],
    ['REDIS_PREFIX', 'a:b'],
    ['REDIS_PREFIX', 'a*'],
    ['HOST', 'a b'],
    ['RATE_LIMIT_STORE', 'Redis'],
    ['MODEL_ID', 'two\nlines'],
    ['ENGINE_MODULE', 'a b'],
    ['DATA_DIR', 'nul\0byte'],
  ])('%s=%s is refused', (name, value) => {
    expect(errorOf({ [name]: value }).problems.map((problem) => problem.name)).toEqual([name])
  })

  test('a prompt both as a file and as text is an error, told along with all others', () => {
    const { message } = errorOf({ PROMPT_PATH: 'prompt.txt', PROMPT_TEXT: 'Hi', PORT: 'x' })
    expect(message).toContain('PROMPT_TEXT: expected no value while PROMPT_PATH is set')
    expect(message).toContain('PORT: ')
  })

  test('secrets are never in the message', () => {
    const error = errorOf({
      HF_TOKEN: 'hf token-of-mine',
      ALLOWED_KEYS: 'key-of-mine,key-of-mine',
      REDIS_URL: 'http://admin:pass-of-mine@cache.example:6379',
      QDRANT_URL: 'redis:/admin:p@ss-of-mine@vectors.example',
    })
    expect(error.problems).toHaveLength(4)
    expect(error.message + JSON.stringify(error.problems)).not.toContain('of-mine')
    expect(error.message).toContain('got "***@cache.example:6379"')
  })

  test('a long value is cut', () => {
    expect(errorOf({ HOST: 'x '.repeat(10_000) }).message.length).toBeLessThan(300)
  })
})
