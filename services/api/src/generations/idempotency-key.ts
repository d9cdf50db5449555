import { createHash } from 'node:crypto'
import { Failure } from '@millrace/contracts/failures'

/** A client's own name for one request, after draft-ietf-httpapi-idempotency-key-header. */
export type IdempotencyKey = {
  tenant: string
  /** SHA-256 of the key: it may be long, or hold a name. */
  keyHash: string
  /** SHA-256 of the request that it stands for. */
  bodyHash: string
}

const header = 'Idempotency-Key'

/** The key that a request brought; undefined without one. Throws `invalid_request` for one that nobody should use. */
export function idempotencyKey(key: string | undefined, request: { tenant: string; body: unknown }) {
  if (key === undefined) return undefined
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new Failure('invalid_request', `Invalid '${header}': expected 1 to 255 printable ASCII characters.`, {
      param: header,
    })
  }
  const { tenant, body } = request
  return { tenant, keyHash: sha256(key), bodyHash: sha256(canonicalJson(body)) } satisfies IdempotencyKey
}

/** The same for values that differ in the order of their properties only. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
