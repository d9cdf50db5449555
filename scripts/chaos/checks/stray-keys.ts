import type { Redis } from 'ioredis'

/** What may stay for ever, one per queue: BullMQ's own bookkeeping. */
const lasting = /:queue:[^:]+:(meta|events|id|pc|marker)$/
/** What passes by itself. */
const passing = [
  /:log:[^:]+:(meta|frames)$/,
  /:generation:[^:]+$/,
  /:generation-lease:[^:]+$/,
  /:idempotency:[^:]+:[^:]+$/,
  /:worker:[^:]+$/,
  /:workers$/,
  /:cancelled:[^:]+$/,
  /:queue:[^:]+:stalled-check$/,
  // A process that is killed between two steps leaves its jobs in there, until their deadlines.
  /:backlog:[^:]+:/,
]

/** Keys of the cluster that nothing needs when nothing runs, and keys that should pass and will not. */
export async function strayKeys(redis: Redis, prefix: string): Promise<string[]> {
  const keys = await redis.keys(`${prefix}:*`)
  const strays: string[] = []
  for (const key of keys) {
    if (lasting.test(key)) continue
    if (!passing.some((pattern) => pattern.test(key))) strays.push(`stray key ${key}`)
    // -2: it has passed since.
    else if ((await redis.pttl(key)) === -1) strays.push(`key without an end: ${key}`)
  }
  return strays
}
