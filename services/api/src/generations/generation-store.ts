import { LuaScript } from '@millrace/runtime/lua-script'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { failAsUnavailable } from '../fail-as-unavailable.ts'
import { GenerationRecord } from './generation-record.ts'
import type { IdempotencyKey } from './idempotency-key.ts'

const unreachable = 'The generations cannot be reached at the moment. Please try again.'

const releaseKey = new LuaScript(new URL('./release-key.lua', import.meta.url))

/** What an idempotency key stands for. */
const KeyClaim = z.object({ generationId: z.string(), bodyHash: z.string() })
export type KeyClaim = z.infer<typeof KeyClaim>

export type GenerationStoreOptions = {
  /** A connection with the producer role: it fails fast. The caller closes it. */
  redis: Redis
  /** The installation's `REDIS_PREFIX`. */
  prefix: string
  /** How long records live, in milliseconds: as long as a request may take, and its log after that. */
  ttlMs: number
}

/** What the replicas know together about generations. All methods throw `queue_unavailable` while Redis is away. */
export class GenerationStore {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #ttlMs: number

  constructor({ redis, prefix, ttlMs }: GenerationStoreOptions) {
    this.#redis = redis
    this.#prefix = prefix
    this.#ttlMs = ttlMs
  }

  async save(record: GenerationRecord): Promise<void> {
    await failAsUnavailable(
      unreachable,
      this.#redis.set(this.#recordKey(record.id), JSON.stringify(record), 'PX', this.#ttlMs),
    )
  }

  async find(id: string): Promise<GenerationRecord | undefined> {
    const json = await failAsUnavailable(unreachable, this.#redis.get(this.#recordKey(id)))
    return json === null ? undefined : GenerationRecord.parse(JSON.parse(json))
  }

  async markSubmitted(record: GenerationRecord): Promise<void> {
    const json = JSON.stringify({ ...record, submitted: true })
    await failAsUnavailable(unreachable, this.#redis.set(this.#recordKey(record.id), json, 'KEEPTTL', 'XX'))
  }

  async findClaim(key: IdempotencyKey): Promise<KeyClaim | undefined> {
    const json = await failAsUnavailable(unreachable, this.#redis.get(this.#claimKey(key)))
    return json === null ? undefined : KeyClaim.parse(JSON.parse(json))
  }

  /** Saves the record and has the key stand for it; false, and nothing saved, when it stands for one already. */
  async claim(key: IdempotencyKey, record: GenerationRecord): Promise<boolean> {
    // The record first: a key never stands for something unknown.
    await this.save(record)
    const claim = claimJson({ generationId: record.id, bodyHash: key.bodyHash })
    const won = await failAsUnavailable(
      unreachable,
      this.#redis.set(this.#claimKey(key), claim, 'PX', this.#ttlMs, 'NX'),
    )
    if (won === null) await failAsUnavailable(unreachable, this.#redis.del(this.#recordKey(record.id)))
    return won !== null
  }

  /** The key may stand for a new generation; does nothing when it does so already. */
  async release(key: IdempotencyKey, claim: KeyClaim): Promise<void> {
    await failAsUnavailable(unreachable, releaseKey.run(this.#redis, [this.#claimKey(key)], [claimJson(claim)]))
  }

  /** Shows every replica that somebody reads the generation, for so long. */
  async renewLease(id: string, forMs: number): Promise<void> {
    await failAsUnavailable(unreachable, this.#redis.set(this.#leaseKey(id), '1', 'PX', forMs))
  }

  /** How long the last reader's lease has left, in milliseconds; 0 when it has passed. */
  async leaseLeftMs(id: string): Promise<number> {
    return Math.max(await failAsUnavailable(unreachable, this.#redis.pttl(this.#leaseKey(id))), 0)
  }

  #recordKey(id: string): string {
    return `${this.#prefix}:generation:${id}`
  }

  #leaseKey(id: string): string {
    return `${this.#prefix}:generation-lease:${id}`
  }

  #claimKey({ tenant, keyHash }: IdempotencyKey): string {
    return `${this.#prefix}:idempotency:${tenant}:${keyHash}`
  }
}

/** Always the same text for the same claim: `release` compares it. */
function claimJson({ generationId, bodyHash }: KeyClaim): string {
  return JSON.stringify({ generationId, bodyHash })
}
