import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** One atomic step in Redis: a `.lua` file, which documents its keys, arguments and output. */
export class LuaScript {
  readonly #source: string
  readonly #sha1: string

  constructor(file: URL) {
    this.#source = readFileSync(file, 'utf8')
    this.#sha1 = createHash('sha1').update(this.#source).digest('hex')
  }

  /** Runs it by its hash; the source travels only when the server does not have it (first use, after a restart). */
  async run(redis: Redis, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha1, keys.length, ...keys, ...values)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await redis.eval(this.#source, keys.length, ...keys, ...values)
    }
  }
}
