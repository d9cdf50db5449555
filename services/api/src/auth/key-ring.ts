import { createHash, timingSafeEqual } from 'node:crypto'

export type AllowedKey = { tenant: string; key: string }

/**
 * Knows whose a key is. Keys are kept and compared as digests of one length, every one of them at each look-up, so
 * that the time it takes says nothing about a key.
 */
export class KeyRing {
  readonly #entries: readonly { tenant: string; digest: Buffer }[]

  constructor(keys: readonly AllowedKey[]) {
    this.#entries = keys.map(({ tenant, key }) => ({ tenant, digest: digestOf(key) }))
  }

  /** The tenant of `key`, or undefined when nobody's. */
  tenantOf(key: string): string | undefined {
    const digest = digestOf(key)
    let found: string | undefined
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.digest, digest)) found = entry.tenant
    }
    return found
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
