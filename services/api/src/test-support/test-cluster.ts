import { connectRedis, createLogger } from '@millrace/runtime'
import { readSettings, type Settings } from '@millrace/runtime/settings'
import { type TestRedis, uniquePrefix } from '@millrace/testkit'
import type { Redis } from 'ioredis'
import { assembleApp } from '../assemble-app.ts'
import { startApi } from '../start-api.ts'
import { startWorker, type TestWorker, type WorkerOptions } from './start-worker.ts'

export const key = 'test-key-of-acme'

type Closer = () => Promise<void> | void

/** A cluster in this process, with a real Redis and a prefix of its own. Everything it starts ends with close(). */
export class TestCluster {
  readonly prefix = uniquePrefix()
  readonly #redis: TestRedis
  readonly #closers: Closer[] = []

  constructor(redis: TestRedis) {
    this.#redis = redis
  }

  get url(): string {
    return this.#redis.url
  }

  async worker(options?: WorkerOptions): Promise<TestWorker> {
    const worker = await startWorker(this, options)
    this.#closers.push(() => worker.close())
    return worker
  }

  /** The application without a server: `app.request()`. */
  async app(env: Record<string, string> = {}) {
    return await assembleApp({ ...this.#start(), settings: this.#settings(env) })
  }

  /** A listening server. Its `close` is the shutdown of the service. */
  async api(env: Record<string, string> = {}): Promise<{ url: string; close: () => Promise<void> }> {
    const closers: Closer[] = []
    const life = { defer: (_: string, close: Closer) => void closers.unshift(close) }
    const settings: Settings = { ...this.#settings(env), port: 0 }
    const url = await startApi({ life, settings, logger: silentLogger() })
    const close = async () => {
      for (const closer of closers.splice(0)) await closer()
    }
    this.#closers.push(close)
    return { url, close }
  }

  /** A connection of the test's own. */
  redis(): Redis {
    const redis = connectRedis({ url: this.url, role: 'producer', name: 'test', onError: () => undefined })
    this.#closers.push(() => redis.disconnect())
    return redis
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0).reverse()) await closer()
  }

  #start() {
    return { logger: silentLogger(), life: { defer: (_: string, close: Closer) => void this.#closers.push(close) } }
  }

  #settings(env: Record<string, string>): Settings {
    return readSettings({
      REDIS_URL: this.url,
      REDIS_PREFIX: this.prefix,
      ALLOWED_KEYS: `acme=${key},globex=test-key-of-globex`,
      REQUEST_TIMEOUT: '20s',
      SHUTDOWN_TIMEOUT: '2s',
      ...env,
    })
  }
}

function silentLogger() {
  return createLogger({ service: 'test', level: 'silent' })
}
