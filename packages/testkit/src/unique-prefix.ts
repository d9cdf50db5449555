import { randomBytes } from 'node:crypto'

/** A Redis key prefix that no other test uses, so that tests can share a server and run in any order. */
export function uniquePrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`
}
